// What a world holds, without what differs between two equal worlds: ids, times, ports and revisions. Pure.
import type { Tag, World } from '../../src/sandbox/world.ts';

type Line = string;

const tagsOf = (tags: readonly Tag[]): string =>
  tags
    .filter(({ key }) => key !== 'ecsdemo:created-at')
    .map(({ key, value }) => (key === 'ecsdemo:generation' ? key : `${key}=${value}`))
    .toSorted()
    .join(' ');

const lastOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
const familyOf = (arn: string): string => lastOf(arn).replace(/:\d+$/, '');

/** One line per thing that a demo can have made, sorted; a thing that is there twice is there in two lines. */
export function viewOf(world: World): Line[] {
  return [...ec2(world), ...iam(world), ...ecs(world), ...elbv2(world)].toSorted();
}

function ec2(world: World): Line[] {
  const groupName = (id: string | undefined): string => world.securityGroups[id ?? '']?.groupName ?? String(id);
  const groups = Object.values(world.securityGroups).filter(({ groupName }) => groupName !== 'default');
  const instances = Object.values(world.instances).filter(({ state }) => state !== 'terminated');
  return [
    ...groups.map(({ groupName, tags }) => `security group ${groupName} [${tagsOf(tags)}]`),
    ...groups.flatMap((group) =>
      group.rules.map(
        (rule) =>
          `rule of ${group.groupName} ${rule.isEgress ? 'out' : 'in'} ${rule.ipProtocol} ${rule.fromPort}-${rule.toPort} ` +
          (rule.cidrIpv4 ?? rule.cidrIpv6 ?? groupName(rule.referencedGroupId)),
      ),
    ),
    ...instances.map(
      (instance) =>
        `instance ${instance.state} ${instance.instanceType} groups ${instance.securityGroupIds.map(groupName).join()} ` +
        `profile ${lastOf(instance.instanceProfileArn ?? 'none')} [${tagsOf(instance.tags)}] volume [${tagsOf(instance.volumeTags)}]`,
    ),
    ...Object.values(world.networkInterfaces)
      .filter(({ releaseAt }) => releaseAt === undefined)
      .map(
        ({ description, groupIds, availabilityZone, loadBalancerArn, ofTask }) =>
          `interface ${ofTask ? 'of a task' : loadBalancerArn === undefined ? description : `of a load balancer in ${availabilityZone}`} ${groupIds.map(groupName).join()}`,
      ),
    ...Object.values(world.keyPairs).map(({ keyName }) => `key pair ${keyName}`),
  ];
}

function iam(world: World): Line[] {
  return [
    ...Object.values(world.roles)
      .filter(({ path }) => !path.startsWith('/aws-service-role/'))
      .map(
        ({ roleName, attachedPolicyArns, inlinePolicies, tags }) =>
          `role ${roleName} with ${[...attachedPolicyArns.map(lastOf), ...Object.keys(inlinePolicies)].toSorted().join(' ')} [${tagsOf(tags)}]`,
      ),
    ...Object.values(world.instanceProfiles).map(
      ({ instanceProfileName, roleNames, tags }) =>
        `profile ${instanceProfileName} of ${roleNames.join()} [${tagsOf(tags)}]`,
    ),
  ];
}

function ecs(world: World): Line[] {
  return [
    ...Object.values(world.clusters)
      .filter(({ status }) => status !== 'INACTIVE')
      .map(({ clusterName, status, tags }) => `cluster ${clusterName} ${status} [${tagsOf(tags)}]`),
    ...Object.values(world.containerInstances)
      .filter(({ status }) => status !== 'INACTIVE')
      .map(
        ({ clusterArn, status, agentConnected, ec2InstanceId }) =>
          `container instance of ${lastOf(clusterArn)} ${status} connected ${agentConnected} on ${world.instances[ec2InstanceId]?.state}`,
      ),
    ...Object.values(world.taskDefinitions)
      .filter(({ status }) => status !== 'DELETE_IN_PROGRESS')
      .map(
        ({ family, status, document, tags }) =>
          `task definition ${family} ${status} ${JSON.stringify(document)} [${tagsOf(tags)}]`,
      ),
    ...Object.values(world.services)
      .filter(({ status }) => status !== 'INACTIVE')
      .map((service) => {
        const { serviceName, status, desiredCount, taskDefinitionArn, deployments, deploymentConfiguration, tags } =
          service;
        const rollouts = deployments.map(({ status: each, rolloutState }) => `${each} ${rolloutState}`).join();
        const targets = service.loadBalancers
          .map(
            ({ targetGroupArn, containerName, containerPort }) =>
              `${world.targetGroups[targetGroupArn]?.targetGroupName} ${containerName}:${containerPort}`,
          )
          .join();
        return `service ${serviceName} ${status} ${desiredCount} of ${familyOf(taskDefinitionArn)}, ${rollouts}, ${targets}, ${JSON.stringify(deploymentConfiguration)} [${tagsOf(tags)}]`;
      }),
    ...Object.values(world.tasks)
      .filter(({ lastStatus }) => lastStatus !== 'STOPPED')
      .map(
        ({ group, lastStatus, desiredStatus, tags }) =>
          `task of ${group} ${lastStatus}, wanted ${desiredStatus} [${tagsOf(tags)}]`,
      ),
  ];
}

function elbv2(world: World): Line[] {
  const listeners = Object.values(world.listeners);
  return [
    ...Object.values(world.loadBalancers).map((balancer) => {
      const zones = balancer.subnetIds.map((id) => world.subnets[id]?.availabilityZone ?? id).toSorted();
      const groups = balancer.securityGroupIds.map((id) => world.securityGroups[id]?.groupName);
      return `load balancer ${balancer.loadBalancerName} ${balancer.state} in ${zones.join()} groups ${groups.join()} [${tagsOf(balancer.tags)}]`;
    }),
    ...listeners.map(
      ({ port, protocol, targetGroupArn, loadBalancerArn, tags }) =>
        `listener ${protocol}:${port} of ${world.loadBalancers[loadBalancerArn]?.loadBalancerName} to ${world.targetGroups[targetGroupArn ?? '']?.targetGroupName} [${tagsOf(tags)}]`,
    ),
    ...Object.values(world.targetGroups).flatMap((group) => [
      `target group ${group.targetGroupName} ${JSON.stringify(group.healthCheck)} ${JSON.stringify(group.attributes)} [${tagsOf(group.tags)}]`,
      ...Object.values(group.targets)
        .filter(({ state }) => state !== 'draining')
        .map(({ state }) => `target of ${group.targetGroupName} ${state}`),
    ]),
  ];
}

/** What one of two worlds has and the other has not, in lines; empty: they are the same. */
export function differences(wanted: readonly Line[], found: readonly Line[]): Line[] {
  const left = [...found];
  const missing = wanted.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  return [...missing.map((line) => `missing: ${line}`), ...left.map((line) => `too much: ${line}`)];
}
