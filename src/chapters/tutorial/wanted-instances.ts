// The tutorial's container instances as a value: what finding, launching, repairing and removing them take.
import { defaults } from '../../base/settings.ts';
import type { WantedInstances } from '../../resources/ec2/wanted-instances.ts';
import { recordedCount } from '../../resources/ecs/cluster.ts';
import type { TutorialContext } from './context.ts';

export function wantedInstances({ names, settings, facts }: TutorialContext): WantedInstances {
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
    looked({ up, registered, members }) {
      facts.instances = up;
      facts.containerInstances = registered;
      facts.members = members;
    },
  };
}
