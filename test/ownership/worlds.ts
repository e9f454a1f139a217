// Generated accounts: a finished demo whose every part may be ours, gone, nobody's or another demo's, and other people's
// things in and around it. A plan is plain data for fast-check;
// build-world.ts makes the world's records of it.
import fc from 'fast-check';

const parts = [
  'ecsGroup',
  'elbGroup',
  'role',
  'profile',
  'cluster',
  'instance',
  'taskDefinition',
  'targetGroup',
  'loadBalancer',
  'service',
] as const;
export type Part = (typeof parts)[number];

/** Whose a part is. `nobody`: no tag of ours; `other`: tagged by the demo "theirs". */
export type Owner = 'ours' | 'absent' | 'nobody' | 'other';

export interface Plan {
  parts: Record<Part, Owner>;
  /** Somebody else's things in ours and around it. */
  foreignMember: boolean;
  foreignService: boolean;
  handRules: boolean;
  foreignReference: boolean;
  foreignInterface: boolean;
  targetGroupElsewhere: boolean;
  secondListener: boolean;
  olderRevision: boolean;
  newerRevision: boolean;
  roleInUse: boolean;
  extraPolicy: boolean;
  profileHoldsAnother: boolean;
  keyPair: boolean;
  sameNamesElsewhere: boolean;
  defaultVpc: boolean;
  bystanders: boolean;
  adopt: boolean;
}

const owner = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Owner>('ours') },
  { weight: 3, arbitrary: fc.constant<Owner>('absent') },
  { weight: 2, arbitrary: fc.constant<Owner>('nobody') },
  { weight: 1, arbitrary: fc.constant<Owner>('other') },
);
const seldom = fc.integer({ min: 0, max: 4 }).map((drawn) => drawn === 0);

/** Either a demo with few wrongs, or parts drawn freely. */
const partsArbitrary: fc.Arbitrary<Record<Part, Owner>> = fc.oneof(
  fc.record(Object.fromEntries(parts.map((part) => [part, owner])) as Record<Part, fc.Arbitrary<Owner>>),
  fc
    .tuple(
      fc.constantFrom<Owner>('ours', 'absent'),
      fc.subarray([...parts], { maxLength: 2 }),
      fc.constantFrom<Owner>('nobody', 'other', 'absent'),
    )
    .map(
      ([all, some, wrong]) =>
        Object.fromEntries(parts.map((part) => [part, some.includes(part) ? wrong : all])) as Record<Part, Owner>,
    ),
);

export const plans: fc.Arbitrary<Plan> = fc.record({
  parts: partsArbitrary,
  foreignMember: seldom,
  foreignService: seldom,
  handRules: seldom,
  foreignReference: seldom,
  foreignInterface: seldom,
  targetGroupElsewhere: seldom,
  secondListener: seldom,
  olderRevision: seldom,
  newerRevision: seldom,
  roleInUse: seldom,
  extraPolicy: seldom,
  profileHoldsAnother: seldom,
  keyPair: seldom,
  sameNamesElsewhere: seldom,
  defaultVpc: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn > 0),
  bystanders: fc.boolean(),
  adopt: seldom,
});

/** A part cannot be there without these. */
const needs: Partial<Record<Part, Part[]>> = {
  instance: ['ecsGroup', 'cluster'],
  loadBalancer: ['elbGroup'],
  service: ['cluster', 'targetGroup', 'loadBalancer', 'taskDefinition'],
};

/** The plan as far as it can be: what lacks what it stands on is absent. */
export function settledParts(plan: Plan): Record<Part, Owner> {
  const settled = { ...plan.parts };
  for (const part of parts) {
    if (needs[part]?.some((needed) => settled[needed] === 'absent') === true) settled[part] = 'absent';
  }
  return settled;
}
