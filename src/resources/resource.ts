// What a resource is to ecsdemo: a `Kind` says how to find it, make it, see how it differs, put that right and take it away.
// Here is what all kinds have in common: whose a thing is, adopting, planning, converging and removing. Knows no AWS call.
import type { Clients } from '../aws/clients.ts';
import { type AnyTag, claim, isOurs, isRemovable } from '../aws/ownership.ts';
import type { Change, Inspection, Removal, Resource, StepRun } from '../engine/types.ts';
import type { Uses } from './uses.ts';

/** For whom and how AWS is reached: what every resource may know of a run. */
export interface Scope {
  aws: Clients;
  /** Whose the resources are: the value of the tag that says so. */
  demo: string;
  /** Tags of everything this run creates, in the spelling of EC2, ELBv2 and IAM. */
  tags: { Key: string; Value: string }[];
  /** Of the caller: 'aws', 'aws-us-gov', 'aws-cn'. */
  partition: string;
  region: string;
  /** May be taken over, and away, although it carries nobody's tag. */
  adopt: boolean;
  /** How much this run has changed so far: what was read before a change is not what there is after it. */
  changes(): number;
  /** Nothing will be made (status, verify, destroy): what is not ours is shown and not refused, what making needs may be missing. */
  looking: boolean;
}

/** One step at work in a scope. */
export interface Work extends Scope {
  step: string;
  run: StepRun;
}

export interface Named {
  /** The physical name. Everything else of a `Wanted` is what may vary from one to the next. */
  name: string;
}

/** What people are told of a resource, and whose it is. */
export interface View {
  id: string;
  /** AWS's own word where it has one. @default 'present' */
  state?: string | undefined;
  tags: readonly AnyTag[] | undefined;
  /** Where what was seen is called otherwise than what was wanted: 'sinatra-hi:3'. */
  name?: string;
}

/** What a call answers when another run was faster: what that made is looked at next, and not told as done by this one. */
export const raced = Symbol('another run was faster');

/** One way in which what is there is not what is wanted. Plan and action are made from this one value. */
export interface Difference<Seen> {
  /** In a few words, with the values: 'HealthCheckPath / → /health'. Absent: a note of ecsdemo's own, which is not told. */
  words?: string;
  /** @default 'update' */
  action?: Change['action'];
  /** Of what is changed, where that is no part of the kind's own type: 'AWS::EC2::SecurityGroupIngress'. */
  type?: string;
  /**
   * Puts it right. Differences that one call mends share one function, which is called once for them all.
   * @returns what is there then; nothing: what was seen before still tells enough.
   */
  apply: (seen: Seen) => Promise<Seen | typeof raced | void>;
}

export interface Kind<Wanted extends Named, Seen> {
  /** In CloudFormation's words: 'AWS::ECS::Cluster'. */
  type: string;
  /**
   * Whose it is: 'own' is found by name and owned by tag; 'shared' is used as it is where it is not ours, and then never
   * changed, adopted or removed; a 'part' belongs to whoever owns the whole, whose tags its view has. @default 'own'
   */
  ownership?: 'shared' | 'part';
  /** The calls of all that follows. */
  uses: Uses;
  /** Undefined: there is none of that name. */
  find(at: Work, wanted: Wanted): Promise<Seen | undefined>;
  view(seen: Seen): View;
  /** What is said of one that is to be made: '2 tasks'. */
  making?(wanted: Wanted): string;
  create(at: Work, wanted: Wanted): Promise<Seen | typeof raced>;
  /** What its creation alone does not give it: planned with it, and done after it. */
  unfinished?(at: Work, wanted: Wanted): Difference<Seen>[];
  /** After its creation, where the call's own answer is not enough to go on with. */
  listed?(at: Work, wanted: Wanted): Promise<Seen>;
  /** Refuses what can be neither used nor changed. @throws EcsdemoError */
  refuse?(at: Work, wanted: Wanted, seen: Seen): void;
  /** Makes one that carries nobody's tag ours. Absent: mending its differences does that. @returns what is there then */
  adopt?(at: Work, wanted: Wanted, seen: Seen): Promise<Seen>;
  /** Empty: nothing would be changed. Makes no call. */
  differences?(at: Work, wanted: Wanted, seen: Seen): Difference<Seen>[];
  /**
   * The end of converging: waits until it is what it is to be.
   * @param before as it was found; undefined: it did not exist
   * @param untouched nothing was changed
   */
  settled?(at: Work, wanted: Wanted, seen: Seen, before: Seen | undefined, untouched: boolean): Promise<Seen>;
  /** Absent is success. Without it, it goes with what it is part of. @returns why it stays, in words; undefined: it is gone. */
  remove?(at: Work, wanted: Wanted, seen: Seen): Promise<string | undefined>;
}

/** A scope and a run as one step works with them. */
export function working(scope: Scope, run: StepRun, step: string): Work {
  return { ...scope, run, step };
}

/** Tells that a resource was just changed. */
export function tell(at: Work, action: Change['action'], type: string, name: string, detail?: string): void {
  at.run.report({ type: 'changed', step: at.step, change: change(at, action, type, name, detail) });
}

function change(at: Work, action: Change['action'], type: string, name: string, detail?: string): Change {
  return { step: at.step, action, type, name, ...(detail === undefined ? {} : { detail }) };
}

/** A resource as people see it; `seen` undefined: it does not exist. */
export function shown<Wanted extends Named, Seen>(
  kind: Kind<Wanted, Seen>,
  at: Pick<Work, 'step' | 'demo'>,
  wanted: Wanted,
  seen: Seen | undefined,
): Resource {
  const base = { step: at.step, type: kind.type };
  if (seen === undefined) return { ...base, name: wanted.name, state: 'absent', owned: false };
  const { id, state = 'present', tags, name = wanted.name } = kind.view(seen);
  return { ...base, name, id, state, owned: isOurs(tags, at.demo) };
}

/**
 * Whether what was found may be used and changed.
 * @returns 'theirs': used as it is
 * @throws EcsdemoError `not-ours`
 */
export function claimed<Wanted extends Named, Seen>(
  kind: Kind<Wanted, Seen>,
  at: Work,
  wanted: Wanted,
  seen: Seen,
): 'ours' | 'adopt' | 'theirs' {
  const { id, tags } = kind.view(seen);
  if (kind.ownership === 'part') return 'ours';
  if (kind.ownership === 'shared') return isOurs(tags, at.demo) ? 'ours' : 'theirs';
  return claim({ type: kind.type, name: wanted.name, id, tags }, at.demo, at.adopt || at.looking);
}

/**
 * Refuses before anything is changed what `converge` would refuse: for a step of several resources.
 * @returns as `claimed`
 */
export function guard<Wanted extends Named, Seen>(
  kind: Kind<Wanted, Seen>,
  at: Work,
  wanted: Wanted,
  seen: Seen,
): 'ours' | 'adopt' | 'theirs' {
  const whose = claimed(kind, at, wanted, seen);
  kind.refuse?.(at, wanted, seen);
  return whose;
}

/** What `converge` would do, in the same words. @throws EcsdemoError what `converge` would refuse */
export function plan<Wanted extends Named, Seen>(
  kind: Kind<Wanted, Seen>,
  at: Work,
  wanted: Wanted,
  seen: Seen | undefined,
): Inspection {
  const { name } = wanted;
  const resources = [shown(kind, at, wanted, seen)];
  const differ = (differences: readonly Difference<Seen>[] = []): Change[] => planned(kind, at, name, differences);
  if (seen === undefined) {
    const made = change(at, 'create', kind.type, name, kind.making?.(wanted));
    return { resources, changes: [made, ...differ(kind.unfinished?.(at, wanted))] };
  }
  const whose = at.looking ? claimed(kind, at, wanted, seen) : guard(kind, at, wanted, seen);
  if (whose === 'theirs') return { resources, changes: [] };
  const takes = whose === 'adopt' && kind.adopt !== undefined;
  const taken = takes ? [change(at, 'update', kind.type, name, 'take it over by tagging it')] : [];
  return { resources, changes: [...taken, ...differ(kind.differences?.(at, wanted, seen))] };
}

/** What a difference says, whatever it is a difference of. */
type Told = Omit<Difference<unknown>, 'apply'>;

/** What `applied` would do, in the same words. */
export function planned(kind: { type: string }, at: Work, name: string, differences: readonly Told[]): Change[] {
  return differences.flatMap(({ words, action = 'update', type = kind.type }) =>
    words === undefined ? [] : [change(at, action, type, name, words)],
  );
}

/**
 * Observe, ensure, sync, return: makes it if it is absent, takes it over if that is allowed, and changes what differs.
 * @param before as it was found just now; undefined: it does not exist
 * @returns what is there then
 * @throws EcsdemoError `not-ours`, before anything is changed
 */
export async function converge<Wanted extends Named, Seen>(
  kind: Kind<Wanted, Seen>,
  at: Work,
  wanted: Wanted,
  before: Seen | undefined,
): Promise<Seen> {
  let now = before;
  let untouched = true;
  const mend = async (seen: Seen, differences: readonly Difference<Seen>[] = []): Promise<Seen> => {
    untouched &&= differences.length === 0;
    return applied(kind, at, wanted.name, seen, differences);
  };
  const settle = async (seen: Seen): Promise<Seen> =>
    (await kind.settled?.(at, wanted, seen, before, untouched)) ?? seen;
  if (now === undefined) {
    const made = await kind.create(at, wanted);
    untouched = false;
    if (made !== raced) tell(at, 'create', kind.type, kind.view(made).name ?? wanted.name, kind.making?.(wanted));
    if (made !== raced && kind.listed === undefined) return settle(await mend(made, kind.unfinished?.(at, wanted)));
    now = await (kind.listed?.(at, wanted) ?? untilListed(kind, at, wanted));
  }
  const whose = guard(kind, at, wanted, now);
  if (whose === 'theirs') return settle(now);
  if (whose === 'adopt' && kind.adopt !== undefined) {
    now = await kind.adopt(at, wanted, now);
    tell(at, 'update', kind.type, wanted.name, 'taken over by tagging it');
  }
  return settle(await mend(now, kind.differences?.(at, wanted, now)));
}

/** Puts the differences right, one after the other, and tells of each. @returns what is there then */
export async function applied<Seen>(
  kind: { type: string; view?: (seen: Seen) => View },
  at: Work,
  name: string,
  seen: Seen,
  differences: readonly Difference<Seen>[],
): Promise<Seen> {
  let now = seen;
  for (const apply of new Set(differences.map((difference) => difference.apply))) {
    const after = await apply(now);
    if (after === raced) continue;
    now = after ?? now;
    const mended = differences.filter((difference) => difference.apply === apply && difference.words !== undefined);
    const [first] = mended;
    if (first === undefined) continue;
    const { action = 'update', type = kind.type } = first;
    tell(at, action, type, kind.view?.(now).name ?? name, mended.map(({ words }) => words).join(', '));
  }
  return now;
}

function untilListed<Wanted extends Named, Seen>(kind: Kind<Wanted, Seen>, at: Work, wanted: Wanted): Promise<Seen> {
  return at.run.wait({
    what: `${wanted.name} to be listed`,
    limitMs: 120_000,
    look: async () => {
      const seen = await kind.find(at, wanted);
      return seen === undefined ? { done: false, state: 'not listed' } : { done: true, value: seen };
    },
  });
}

/** Takes it away if it is ours to take. Absent is success. */
export async function remove<Wanted extends Named, Seen>(
  kind: Kind<Wanted, Seen>,
  at: Work,
  wanted: Wanted,
  seen: Seen | undefined,
): Promise<Removal> {
  if (seen === undefined) return { removed: [], kept: [] };
  const resource = shown(kind, at, wanted, seen);
  const reason = foreign(kind, at, seen) ?? (await kind.remove?.(at, wanted, seen));
  if (reason !== undefined) return { removed: [], kept: [{ ...resource, reason }] };
  tell(at, 'delete', kind.type, resource.name);
  return { removed: [{ ...resource, state: 'deleted' }], kept: [] };
}

/** Why it is not this demo's to take away, in words. */
export function foreign<Wanted extends Named, Seen>(
  kind: Kind<Wanted, Seen>,
  at: Scope,
  seen: Seen,
): string | undefined {
  const { tags } = kind.view(seen);
  return isRemovable(tags, at.demo, at.adopt && kind.ownership !== 'shared')
    ? undefined
    : `it does not carry the tag of the demo ${at.demo}`;
}

/** What several resources of a step come to. */
export function inspections(parts: readonly Inspection[]): Inspection {
  return { resources: parts.flatMap(({ resources }) => resources), changes: parts.flatMap(({ changes }) => changes) };
}

/** The same of their removals. */
export function removals(parts: readonly Removal[]): Removal {
  return { removed: parts.flatMap(({ removed }) => removed), kept: parts.flatMap(({ kept }) => kept) };
}

/** What AWS accounts share as a matter of course, whatever --adopt says. */
const shared: readonly string[] = ['AWS::IAM::Role', 'AWS::IAM::InstanceProfile', 'AWS::EC2::VPC'];

/** May --adopt take over, and destroy, a resource of this type that carries nobody's tag? */
export function isAdoptable(type: string): boolean {
  return !shared.includes(type);
}

/**
 * A name of this type is one demo's alone: what has it and is not the demo's is in the way of the next `up`.
 * Families of task definitions keep revisions of anybody.
 */
export function isExclusive(type: string): boolean {
  return isAdoptable(type) && type !== 'AWS::ECS::TaskDefinition';
}
