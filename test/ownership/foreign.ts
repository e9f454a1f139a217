// The picture of what is not ours in a world, to be the same before and after every command. What AWS itself moves
// (events, health, counters, states that pass) is no part of it.
import type { Tag, World } from '../../src/sandbox/world.ts';

/** Members that change without anybody's doing. */
const passing = new Set([
  'events',
  'deployments',
  'steadyAt',
  'placementRetryAt',
  'throttledUntil',
  'failedStarts',
  'completedTaskDefinitionArn',
  'targets',
  'version',
  'pulledImages',
  'agentConnected',
  'stateEndsAt',
  'bootedAt',
  'lostAt',
  'privateIpAddress',
  'publicIp',
  'publicIpAddress',
]);

const tables = [
  'vpcs',
  'subnets',
  'securityGroups',
  'networkInterfaces',
  'keyPairs',
  'instances',
  'roles',
  'instanceProfiles',
  'clusters',
  'containerInstances',
  'taskDefinitions',
  'services',
  'loadBalancers',
  'listeners',
  'targetGroups',
] as const;

const isOurs = (tags: Tag[]): boolean => tags.some(({ key, value }) => key === 'ecsdemo:demo' && value === 'my');

interface Known {
  tags: Tag[];
  [member: string]: unknown;
}

/** A listener is its load balancer's, an interface and a container instance their instance's. */
function holder(world: World, record: Known): Known | undefined {
  const instance = record['ec2InstanceId'] ?? record['instanceId'];
  if (typeof record['networkInterfaceId'] === 'string' && typeof record['loadBalancerArn'] === 'string')
    return world.loadBalancers[record['loadBalancerArn']] as unknown as Known;
  if (typeof record['listenerArn'] === 'string')
    return world.loadBalancers[String(record['loadBalancerArn'])] as unknown as Known;
  if (record['userData'] === undefined && typeof instance === 'string')
    return world.instances[instance] as unknown as Known;
  return undefined;
}

export type Picture = Map<string, string>;

/** Table and key of every foreign record → its text. Call it on the world as built; with `of`, the same records later. */
export function foreignPicture(world: World, of?: Picture): Picture {
  const picture: Picture = new Map();
  for (const table of tables) {
    for (const [key, record] of Object.entries(world[table]) as unknown as [string, Known][]) {
      const id = `${table} ${key}`;
      const owner = holder(world, record) ?? record;
      if (of === undefined ? !isOurs(owner.tags) : of.has(id)) picture.set(id, textOf(record));
    }
  }
  return picture;
}

function textOf(record: Known): string {
  return JSON.stringify(record, (member, value: unknown) => (passing.has(member) ? undefined : value));
}

/** What differs, in words; empty: nothing. */
export function differencesOf(before: Picture, after: Picture): string[] {
  const differences: string[] = [];
  for (const [id, text] of before) {
    const now = after.get(id);
    if (now === undefined) differences.push(`${id} is gone`);
    else if (now !== text) differences.push(`${id} changed: ${text} → ${now}`);
  }
  return differences;
}

/** Ids of the rules that people added by hand, wherever they still are. */
export function handRules(world: World): string[] {
  return Object.values(world.securityGroups)
    .flatMap(({ groupName, rules }) => rules.map(({ securityGroupRuleId }) => `${groupName} ${securityGroupRuleId}`))
    .filter((each) => each.includes('sgr-0hand'))
    .toSorted();
}
