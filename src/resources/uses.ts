// Which calls of AWS a piece of the program makes, by what it is about to do. Declared beside the code that calls, and held by
// tests against the calls that are made; `policy` is made of it. Knows no permission: aws/grants.ts says what a call takes.
import type { AwsCall } from '../aws/grants.ts';

/** What is declared of calls. Rare ones count: those of a race, a repair, or a failure that is looked into. */
export interface Uses {
  /** Finding what is there. */
  look: readonly AwsCall[];
  /** Seeing whether it is as it is to be, beyond that. @default none, as of the others */
  inspect?: readonly AwsCall[];
  /** Making what is absent. */
  make?: readonly AwsCall[];
  /** Putting right what differs. */
  mend?: readonly AwsCall[];
  /** Taking over what is nobody's, with --adopt. */
  adopt?: readonly AwsCall[];
  /** Taking away. */
  remove?: readonly AwsCall[];
  /** Changing the number of container instances, with `scale --instances`, beyond making and mending. */
  resize?: readonly AwsCall[];
  /** Running commands on a container instance, with `verify --on-instance`. */
  onInstance?: readonly AwsCall[];
}

export type Phase = keyof Uses;

/** What several pieces use. */
export function usesOf(...pieces: readonly Uses[]): Uses {
  const all: { [phase in Phase]?: AwsCall[] } = {};
  for (const piece of pieces)
    for (const [phase, calls] of Object.entries(piece) as [Phase, readonly AwsCall[]][])
      all[phase] = [...new Set([...(all[phase] ?? []), ...calls])];
  return { look: [], ...all };
}
