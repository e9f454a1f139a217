// Makes a world of a plan: the records of a finished demo with other owners, and other people's things added.
import type { SecurityGroupRule } from '../../src/sandbox/ec2/records.ts';
import type { Tag, World } from '../../src/sandbox/world.ts';
import { settledParts, type Owner, type Part, type Plan } from './worlds.ts';

function retagged(tags: Tag[], whose: Owner): Tag[] {
  if (whose === 'ours') return tags;
  const rest = tags.filter(({ key }) => !key.startsWith('ecsdemo:'));
  return whose === 'other'
    ? [...rest, { key: 'ecsdemo:demo', value: 'theirs' }]
    : [...rest, { key: 'team', value: 'a' }];
}

type Table<Record> = { [key: string]: Record };

function only<Record>(table: Table<Record>): Record {
  const [record, ...more] = Object.values(table);
  if (record === undefined || more.length > 0) throw new Error('the demo to begin with has one of each');
  return record;
}

/**
 * Makes `world` what the plan says.
 * @param world gets a copy of the finished demo `demo` first; is changed in place.
 */
export function build(world: World, demo: World, plan: Plan): void {
  const fresh = structuredClone(demo);
  for (const [name, table] of Object.entries(fresh)) {
    if (typeof table !== 'object' || Array.isArray(table)) continue;
    const present = (world as unknown as Record<string, Record<string, unknown>>)[name];
    if (present === undefined) continue;
    for (const key of Object.keys(present)) delete present[key];
    Object.assign(present, table);
  }
  const whose = settledParts(plan);
  applyOwners(world, whose);
  addForeign(world, demo, plan, whose);
  if (!plan.defaultVpc) for (const vpc of Object.values(world.vpcs)) vpc.isDefault = false;
  if (!plan.defaultVpc) for (const subnet of Object.values(world.subnets)) subnet.defaultForAz = false;
}

function drop<Record>(table: Table<Record>, gone: (record: Record) => boolean): void {
  for (const [key, record] of Object.entries(table)) if (gone(record)) delete table[key];
}

function applyOwners(world: World, whose: Record<Part, Owner>): void {
  const apply = <Record extends { tags: Tag[] }>(
    part: Part,
    table: Table<Record>,
    mine: (record: Record) => boolean = () => true,
  ): void => {
    for (const [key, record] of Object.entries(table)) {
      if (!mine(record)) continue;
      if (whose[part] === 'absent') delete table[key];
      else record.tags = retagged(record.tags, whose[part]);
    }
  };
  apply('ecsGroup', world.securityGroups, ({ groupName }) => groupName === 'my-ecs-sg');
  apply('elbGroup', world.securityGroups, ({ groupName }) => groupName === 'my-elb-sg');
  const groups = new Set(Object.keys(world.securityGroups));
  for (const group of Object.values(world.securityGroups)) {
    group.rules = group.rules.filter(
      ({ referencedGroupId }) => referencedGroupId === undefined || groups.has(referencedGroupId),
    );
  }
  apply('role', world.roles, ({ roleName }) => roleName === 'ecsInstanceRole');
  apply('profile', world.instanceProfiles);
  if (whose.role === 'absent') for (const profile of Object.values(world.instanceProfiles)) profile.roleNames = [];
  apply('cluster', world.clusters);
  apply('instance', world.instances);
  if (whose.instance === 'absent') {
    drop(world.networkInterfaces, ({ instanceId }) => instanceId !== undefined);
    drop(world.containerInstances, () => true);
  }
  for (const instance of Object.values(world.instances))
    instance.volumeTags = retagged(instance.volumeTags, whose.instance);
  for (const one of Object.values(world.networkInterfaces))
    if (one.instanceId !== undefined) one.tags = retagged(one.tags, whose.instance);
  apply('taskDefinition', world.taskDefinitions);
  apply('targetGroup', world.targetGroups);
  apply('loadBalancer', world.loadBalancers);
  if (whose.loadBalancer === 'absent')
    drop(world.networkInterfaces, ({ loadBalancerArn }) => loadBalancerArn !== undefined);
  apply('loadBalancer', world.listeners);
  if (whose.targetGroup === 'absent') drop(world.listeners, () => true);
  apply('service', world.services);
  if (whose.service === 'absent' || whose.instance === 'absent') {
    drop(world.tasks, () => true);
    for (const group of Object.values(world.targetGroups)) group.targets = {};
  }
}

const rule = (id: string, rest: Partial<SecurityGroupRule>): SecurityGroupRule => ({
  securityGroupRuleId: `sgr-0hand${id}`,
  isEgress: false,
  ipProtocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  tags: [],
  ...rest,
});

/** Ids of what `addForeign` adds begin so, and names hold "foreign": what was added can be told from what `up` made. */
const foreign = 'foreign';

function addForeign(world: World, demo: World, plan: Plan, whose: Record<Part, Owner>): void {
  const vpcId = Object.keys(world.vpcs)[0] ?? '';
  const group = {
    groupId: 'sg-0foreign0000000001',
    groupName: 'foreign-sg',
    description: 'theirs',
    vpcId,
    tags: [],
    rules: [] as SecurityGroupRule[],
  };
  world.securityGroups[group.groupId] = group;
  const find = (name: string) => Object.values(world.securityGroups).find(({ groupName }) => groupName === name);
  const ecs = find('my-ecs-sg');
  const elb = find('my-elb-sg');
  if (plan.handRules) {
    ecs?.rules.push(
      rule('1', { cidrIpv4: '198.51.100.7/32', description: 'by hand' }),
      rule('2', { fromPort: 8080, toPort: 8090, referencedGroupId: group.groupId }),
    );
    elb?.rules.push(rule('3', { fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' }));
  }
  if (plan.foreignReference && ecs !== undefined) group.rules.push(rule('4', { referencedGroupId: ecs.groupId }));
  if (plan.foreignInterface && ecs !== undefined) {
    const subnet = Object.values(world.subnets)[0];
    world.networkInterfaces['eni-0foreign000000001'] = {
      networkInterfaceId: 'eni-0foreign000000001',
      subnetId: subnet?.subnetId ?? '',
      vpcId,
      availabilityZone: subnet?.availabilityZone ?? '',
      description: 'theirs',
      groupIds: [ecs.groupId],
      privateIpAddress: '172.31.9.9',
      requesterManaged: false,
      instanceOwnerId: world.account,
      tags: [],
    };
  }
  const template = only(demo.instances);
  const addInstance = (id: string, profile: boolean): void => {
    const { instanceProfileArn, ...rest } = structuredClone(template);
    world.instances[id] = {
      ...rest,
      instanceId: id,
      ...(profile && instanceProfileArn !== undefined ? { instanceProfileArn } : {}),
      securityGroupIds: [group.groupId],
      networkInterfaceId: `eni-${id.slice(2)}`,
      volumeId: `vol-${id.slice(2)}`,
      tags: [{ key: 'Name', value: foreign }],
      volumeTags: [],
    };
  };
  const cluster = Object.values(world.clusters)[0];
  if (plan.foreignMember && cluster !== undefined) {
    addInstance('i-0foreign000000001', false);
    const member = structuredClone(only(demo.containerInstances));
    const containerInstanceArn = member.containerInstanceArn.replace(/[^/]+$/, 'f0'.repeat(16));
    world.containerInstances[containerInstanceArn] = {
      ...member,
      containerInstanceArn,
      ec2InstanceId: 'i-0foreign000000001',
      tags: [],
    };
  }
  if (plan.roleInUse) addInstance('i-0foreign000000002', true);
  if (plan.foreignService && cluster !== undefined) {
    const service = structuredClone(only(demo.services));
    const serviceArn = service.serviceArn.replace(/[^/]+$/, 'foreign-service');
    world.services[serviceArn] = {
      ...service,
      serviceArn,
      serviceName: 'foreign-service',
      loadBalancers: [],
      desiredCount: 0,
      deployments: [],
      events: [],
      tags: [],
    };
    const definition = structuredClone(only(demo.taskDefinitions));
    const taskDefinitionArn = definition.taskDefinitionArn.replace(/[^/]+$/, 'foreign:1');
    world.taskDefinitions[taskDefinitionArn] = {
      ...definition,
      taskDefinitionArn,
      family: 'foreign',
      revision: 1,
      tags: [],
    };
    const added = world.services[serviceArn];
    if (added !== undefined) added.taskDefinitionArn = taskDefinitionArn;
  }
  addRevisions(world, demo, plan, whose);
  addBalancing(world, demo, plan);
  addIdentities(world, plan);
  if (plan.keyPair) {
    world.keyPairs['key-0foreign'] = {
      keyPairId: 'key-0foreign',
      keyName: 'foreign',
      keyType: 'rsa',
      keyFingerprint: 'aa',
      createdAt: 0,
      tags: [],
    };
  }
  if (plan.sameNamesElsewhere) {
    world.vpcs['vpc-0foreign'] = { vpcId: 'vpc-0foreign', cidrBlock: '10.9.0.0/16', isDefault: false, tags: [] };
    for (const groupName of ['my-ecs-sg', 'my-elb-sg']) {
      const groupId = `sg-0foreign-${groupName}`;
      world.securityGroups[groupId] = {
        groupId,
        groupName,
        description: 'theirs',
        vpcId: 'vpc-0foreign',
        tags: [],
        rules: [],
      };
    }
  }
  if (plan.bystanders) {
    world.clusters[`arn:aws:ecs:${world.region}:${world.account}:cluster/foreign-cluster`] = {
      clusterArn: `arn:aws:ecs:${world.region}:${world.account}:cluster/foreign-cluster`,
      clusterName: 'foreign-cluster',
      status: 'ACTIVE',
      settings: [],
      tags: [{ key: 'ecsdemo:demo', value: 'theirs' }],
      createdAt: 0,
    };
  }
}

function addRevisions(world: World, demo: World, plan: Plan, whose: Record<Part, Owner>): void {
  const own = only(demo.taskDefinitions);
  const add = (revision: number): void => {
    const taskDefinitionArn = own.taskDefinitionArn.replace(/:\d+$/, `:${revision}`);
    const copy = structuredClone(own);
    world.taskDefinitions[taskDefinitionArn] = {
      ...copy,
      taskDefinitionArn,
      revision,
      document: { ...copy.document, cpu: '64' },
      tags: [],
    };
  };
  // The demo's own revision is made the fifth, so that there is room below it.
  if (plan.olderRevision && whose.taskDefinition !== 'absent') add(own.revision - 1);
  if (plan.newerRevision) add(own.revision + 1);
}

function addBalancing(world: World, demo: World, plan: Plan): void {
  const group = Object.values(world.targetGroups)[0];
  const balancer = only(demo.loadBalancers);
  if (plan.targetGroupElsewhere && group !== undefined) {
    // AWS ties a target group to one load balancer: theirs has it, so ours has not.
    drop(world.listeners, () => true);
    const copy = structuredClone(balancer);
    const loadBalancerArn = copy.loadBalancerArn.replace('/my-elb/', '/foreign-elb/');
    world.loadBalancers[loadBalancerArn] = {
      ...copy,
      loadBalancerArn,
      loadBalancerName: 'foreign-elb',
      securityGroupIds: ['sg-0foreign0000000001'],
      state: 'provisioning',
      stateEndsAt: Number.MAX_SAFE_INTEGER,
      tags: [],
    };
    const listener = structuredClone(only(demo.listeners));
    const listenerArn = listener.listenerArn.replace('/my-elb/', '/foreign-elb/');
    world.listeners[listenerArn] = { ...listener, listenerArn, loadBalancerArn, tags: [] };
  }
  const own = Object.values(world.loadBalancers).find(({ loadBalancerName }) => loadBalancerName === 'my-elb');
  if (plan.secondListener && own !== undefined) {
    const listener = structuredClone(only(demo.listeners));
    const listenerArn = listener.listenerArn.replace(/[^/]+$/, 'f0f0f0f0f0f0f0f0');
    const { targetGroupArn: _, ...rest } = listener;
    world.listeners[listenerArn] = {
      ...rest,
      listenerArn,
      port: 8080,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
      tags: [],
    };
  }
}

function addIdentities(world: World, plan: Plan): void {
  const role = world.roles['ecsInstanceRole'];
  const profile = world.instanceProfiles['ecsInstanceRole'];
  if (plan.extraPolicy && role !== undefined && !role.tags.some(({ value }) => value === 'my')) {
    role.attachedPolicyArns = [
      'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
      'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
    ];
    role.inlinePolicies = { theirs: '{}' };
  }
  if (plan.profileHoldsAnother && profile !== undefined && role !== undefined) {
    world.roles['foreign-role'] = {
      ...structuredClone(role),
      roleName: 'foreign-role',
      roleId: 'AROAFOREIGN',
      arn: role.arn.replace(/[^/]+$/, 'foreign-role'),
      tags: [],
    };
    profile.roleNames = ['foreign-role'];
  }
}
