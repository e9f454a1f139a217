// Step 1, the container instances; and step 6, as far as it changes their number.
import { defaults } from '../../base/settings.ts';
import type { Step, StepRun } from '../../engine/types.ts';
import { ensureFleet, findFleet, planFleet, removeFleet, shrinkFleet } from '../../resources/ec2/instances.ts';
import type { WantedInstances } from '../../resources/ec2/wanted-instances.ts';
import { recordCount, recordedCount } from '../../resources/ecs/cluster.ts';
import { working } from '../../resources/resource.ts';
import type { TutorialContext } from './context.ts';
import { cluster, instance as outline, network, role } from './outline.ts';

function wish({ names, settings, facts }: TutorialContext): WantedInstances {
  const { network: found, cluster: seen, loadBalancer } = facts;
  const subnets = found?.subnets ?? [];
  // Those of its load balancer when the demo lives in a VPC that was not named this time.
  const zones = (loadBalancer?.AvailabilityZones ?? []).flatMap(({ SubnetId, ZoneName }) =>
    SubnetId === undefined ? [] : [{ SubnetId, AvailabilityZone: ZoneName ?? '' }],
  );
  return {
    name: names.instance,
    cluster: names.cluster,
    clusterTags: seen && (seen.tags ?? []),
    count: settings.instances,
    countBefore: recordedCount(seen),
    instanceType: settings.instanceType,
    instanceTypeDefault: defaults.instanceType,
    network: found && {
      vpcId: found.vpcId,
      securityGroup: { name: names.ecsSecurityGroup, id: found.ecsSecurityGroup?.GroupId },
    },
    profile: facts.instanceProfile,
    keyName: settings.keyName,
    places: subnets.length > 0 ? subnets : zones,
    looked(instances, registered) {
      facts.instances = instances;
      facts.containerInstances = registered;
    },
  };
}

export const instance: Step<TutorialContext> = {
  ...outline,
  needs: [network.id, role.id, cluster.id],
  async inspect(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wish(context);
    return planFleet(at, wanted, await findFleet(at, wanted));
  },
  ensure: (context, run) => ensureFleet(working(context, run, outline.id), wish(context)),
  remove: (context, run) => removeFleet(working(context, run, outline.id), wish(context)),
};

/** Brings the number of container instances to `count`, and notes it for later runs. */
export async function scaleInstances(context: TutorialContext, run: StepRun, count: number): Promise<void> {
  const { facts } = context;
  const at = working(context, run, outline.id);
  const fleet = await findFleet(at, wish(context));
  if (facts.cluster !== undefined) facts.cluster = await recordCount(at, facts.cluster, count);
  const wanted = { ...wish(context), count };
  if (!(await shrinkFleet(at, wanted, fleet, count))) await ensureFleet(at, wanted);
}
