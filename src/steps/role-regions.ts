// In which regions a demo's role and instance profile are used. IAM knows no regions: a tag for each says who still needs
// them, so that the demo of one region does not delete what its namesake of another runs on.
import {
  type InstanceProfile,
  type Role,
  TagInstanceProfileCommand,
  TagRoleCommand,
  UntagInstanceProfileCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam';
import { ignoreAbsent, transient } from '../aws/faults.ts';
import { isOurs, regionsUsing, usedInTag } from '../aws/ownership.ts';
import type { StepRun } from '../engine/types.ts';
import { changed, type StepContext } from './context.ts';

const id = 'role';
export const roleType = 'AWS::IAM::Role';
export const profileType = 'AWS::IAM::InstanceProfile';

/** IAM takes one change of an entity at a time, and refuses a second for a while (aws-facts §18). */
export function changing<Value>(run: StepRun, what: string, attempt: () => Promise<Value>): Promise<Value> {
  return run.retry({ what, limitMs: 120_000, transient: transient.deleteConflict, attempt });
}

/** A demo of the same name in another region made it: it must be known that it is used here as well. */
export function lacksRegion({ names, region }: StepContext, entity: Role | InstanceProfile | undefined): boolean {
  return isOurs(entity?.Tags, names.demo) && !regionsUsing(entity?.Tags).includes(region);
}

/** Tags role and profile with this region where the note is missing. */
export async function noteRegion(
  context: StepContext,
  run: StepRun,
  { role, profile }: { role?: Role; profile?: InstanceProfile },
): Promise<void> {
  const { aws, names, region } = context;
  const Tags = [usedInTag(region)];
  const words = `used in ${region} too`;
  if (lacksRegion(context, role)) {
    await changing(run, `tagging the role ${names.role}`, () =>
      aws.iam.send(new TagRoleCommand({ RoleName: names.role, Tags })),
    );
    changed(run, id, 'update', roleType, names.role, words);
  }
  if (lacksRegion(context, profile)) {
    const command = new TagInstanceProfileCommand({ InstanceProfileName: names.role, Tags });
    await changing(run, `tagging the instance profile ${names.role}`, () => aws.iam.send(command));
    changed(run, id, 'update', profileType, names.role, words);
  }
}

/** Takes the note away again: the demo is gone from here, and others still need role and profile. */
export async function forgetRegion({ aws, names, region }: StepContext, run: StepRun): Promise<void> {
  const TagKeys = [usedInTag(region).Key];
  await changing(run, `untagging the role ${names.role}`, () =>
    aws.iam.send(new UntagRoleCommand({ RoleName: names.role, TagKeys })).catch(ignoreAbsent),
  );
  await changing(run, `untagging the instance profile ${names.role}`, () =>
    aws.iam.send(new UntagInstanceProfileCommand({ InstanceProfileName: names.role, TagKeys })).catch(ignoreAbsent),
  );
}
