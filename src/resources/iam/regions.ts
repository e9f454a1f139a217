// In which regions a demo's role and instance profile are used. IAM knows no regions: a tag for each says who still needs
// them, so that the demo of one region does not delete what its namesake of another runs on.
import { type Tag, UntagInstanceProfileCommand, UntagRoleCommand } from '@aws-sdk/client-iam';
import { ignoreAbsent, transient } from '../../aws/faults.ts';
import { isOurs, regionsUsing, usedInTag } from '../../aws/ownership.ts';
import type { StepRun } from '../../engine/types.ts';
import type { Scope, Work } from '../resource.ts';

/** A role or profile, as far as its tags go. */
interface Tagged {
  Tags?: Tag[] | undefined;
}

/** IAM takes one change of an entity at a time, and refuses a second for a while (aws-facts §18). */
export function changing<Value>(run: StepRun, what: string, attempt: () => Promise<Value>): Promise<Value> {
  return run.retry({ what, limitMs: 120_000, transient: transient.deleteConflict, attempt });
}

/** A demo of the same name in another region made it: it must be known that it is used here as well. */
export function lacksRegion({ demo, region }: Scope, { Tags }: Tagged): boolean {
  return isOurs(Tags, demo) && !regionsUsing(Tags).includes(region);
}

/** Another region in which the demo uses it. */
export function usedElsewhere({ demo, region }: Scope, { Tags }: Tagged): string | undefined {
  return isOurs(Tags, demo) ? regionsUsing(Tags).find((one) => one !== region) : undefined;
}

/** Takes the note of this region away: the demo is gone from here, and others still need role and profile. */
export async function forgetRegion({ aws, run, region }: Work, role: string, profile: string): Promise<void> {
  const TagKeys = [usedInTag(region).Key];
  await changing(run, `untagging the role ${role}`, () =>
    aws.iam.send(new UntagRoleCommand({ RoleName: role, TagKeys })).catch(ignoreAbsent),
  );
  await changing(run, `untagging the instance profile ${profile}`, () =>
    aws.iam.send(new UntagInstanceProfileCommand({ InstanceProfileName: profile, TagKeys })).catch(ignoreAbsent),
  );
}
