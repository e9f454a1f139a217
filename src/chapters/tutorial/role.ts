// Step 1, the role: what the container instance may do. Role and instance profile of one name, with the policies for ECS
// and for SSM Run Command.
import { instanceProfile, profileUser, type SeenProfile } from '../../resources/iam/instance-profile.ts';
import { forgetRegion, usedElsewhere } from '../../resources/iam/regions.ts';
import { role as kind, type SeenRole } from '../../resources/iam/role.ts';
import {
  converge,
  foreign,
  guard,
  inspections,
  plan,
  remove,
  removals,
  shown,
  type Work,
  working,
} from '../../resources/resource.ts';
import { usesOf } from '../../resources/uses.ts';
import type { ChapterStep } from '../chapter.ts';
import type { TutorialContext } from './context.ts';
import { role as outline } from './outline.ts';

/** The ECS agent's, and Run Command's for `verify --on-instance`. */
export const managedPolicies = ['service-role/AmazonEC2ContainerServiceforEC2Role', 'AmazonSSMManagedInstanceCore'];

function wishes({ names: { role: name } }: TutorialContext) {
  return { role: { name, policies: managedPolicies }, profile: { name, role: name } };
}

async function observe(
  at: Work,
  context: TutorialContext,
): Promise<{ role: SeenRole | undefined; profile: SeenProfile | undefined }> {
  const wanted = wishes(context);
  const [role, profile] = await Promise.all([kind.find(at, wanted.role), instanceProfile.find(at, wanted.profile)]);
  context.facts.instanceProfile = { name: context.names.role, id: profile?.InstanceProfileId };
  return { role, profile };
}

export const role: ChapterStep<TutorialContext> = {
  ...outline,
  uses: usesOf(kind.uses, instanceProfile.uses),
  needs: [],
  async inspect(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wishes(context);
    const seen = await observe(at, context);
    return inspections([
      plan(kind, at, wanted.role, seen.role),
      plan(instanceProfile, at, wanted.profile, seen.profile),
    ]);
  },
  async ensure(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wishes(context);
    const seen = await observe(at, context);
    if (seen.profile !== undefined) guard(instanceProfile, at, wanted.profile, seen.profile);
    const roleMade = converge(kind, at, wanted.role, seen.role);
    const profileMade = converge(instanceProfile, at, { ...wanted.profile, roleMade }, seen.profile);
    // Both to their ends, also when one fails: what is still changed after a failure would not be told.
    await Promise.allSettled([roleMade, profileMade]);
    const [made, profile] = [await roleMade, await profileMade];
    context.facts.instanceProfile = { name: context.names.role, id: profile.InstanceProfileId };
    return [shown(kind, at, wanted.role, made), shown(instanceProfile, at, wanted.profile, profile)];
  },
  async remove(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wishes(context);
    const { role: seen, profile } = await observe(at, context);
    const elsewhere = seen === undefined ? undefined : usedElsewhere(at, seen);
    if (elsewhere !== undefined) {
      await forgetRegion(at, wanted.role.name, wanted.profile.name);
      const reason = `the demo ${context.demo} in ${elsewhere} uses it`;
      const there = [shown(kind, at, wanted.role, seen), shown(instanceProfile, at, wanted.profile, profile)];
      // From here on it is the other region's and not this one's: to keep it is no failure.
      return {
        removed: [],
        kept: there.filter(({ id }) => id !== undefined).map((resource) => ({ ...resource, owned: false, reason })),
      };
    }
    const ours = profile !== undefined && foreign(instanceProfile, at, profile) === undefined;
    const usedBy = ours ? await profileUser(at, profile) : undefined;
    const profileGone = remove(instanceProfile, at, { ...wanted.profile, usedBy }, profile);
    const goesFirst = ours && usedBy === undefined ? { profile: { name: wanted.profile.name, gone: profileGone } } : {};
    const roleGone = remove(kind, at, { ...wanted.role, usedBy, ...goesFirst }, seen);
    await Promise.allSettled([profileGone, roleGone]);
    return removals([await profileGone, await roleGone]);
  },
};
