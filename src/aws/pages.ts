// Pages that never end: a token that comes back, or ever new ones. Knows what the six services call their tokens.
import { EcsdemoError } from '../base/errors.ts';
import { towardsAws } from './network-faults.ts';

/** A hundred thousand of anything: nothing that ecsdemo lists is near it. */
const mostPages = 1000;

/** ECS, EC2 and SSM each write it their own way; IAM and ELBv2 say Marker. */
const asked = ['nextToken', 'NextToken', 'Marker'];
const answered = ['nextToken', 'NextToken', 'NextMarker', 'Marker'];

function token(value: unknown, members: readonly string[]): string | undefined {
  const found = members.map((member) => (value as Record<string, unknown> | undefined)?.[member]).find(Boolean);
  return typeof found === 'string' ? found : undefined;
}

/** Looks at each page of a run. @throws EcsdemoError `endpoint-not-aws`, at a page that shows there is no end */
export type WatchPages = (operation: string, input: unknown, output: unknown) => void;

export function watchPages(): WatchPages {
  /** How many pages led to a token that was not asked with yet. */
  const reached = new Map<string, number>();
  return (operation, input, output) => {
    const from = token(input, asked);
    const to = token(output, answered);
    const pages = (from === undefined ? 0 : (reached.get(`${operation} ${from}`) ?? 0)) + 1;
    if (from !== undefined) reached.delete(`${operation} ${from}`);
    if (to === undefined) return;
    if (to === from) throw endless(operation, 'the same page token came again');
    if (pages >= mostPages) throw endless(operation, `more than ${mostPages} pages`);
    reached.set(`${operation} ${to}`, pages);
  };
}

function endless(operation: string, why: string): EcsdemoError {
  return new EcsdemoError('endpoint-not-aws', `${operation} finds no end: ${why}`, {
    suggestions: [towardsAws],
  });
}
