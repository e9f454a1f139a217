// What EC2's calls ask of IAM: on which resources, and with which condition keys (Service Authorization Reference, Amazon EC2).
import {
  requestTags,
  resourceTags,
  tagsIn,
  textOf,
  textsOf,
  type Ask,
  type Authorization,
} from '../authorization/ask.ts';
import { arnOf, globalArnOf, partitionOf } from '../arn.ts';
import type { Call } from '../server.ts';
import type { World } from '../world.ts';
import { findAssociated } from './profile-associations.ts';

type Keys = Ask['keys'];
const own = 'ec2:ResourceTag/';

/** What is known of a resource by its id. */
const knownOf: Readonly<Record<string, (world: World, id: string) => Keys>> = {
  instance: (world, id) => {
    const instance = world.instances[id];
    return {
      ...resourceTags(instance?.tags, own),
      'ec2:InstanceID': id,
      'ec2:InstanceType': instance?.instanceType,
      'ec2:AvailabilityZone': instance?.availabilityZone,
      'ec2:InstanceProfile': instance?.instanceProfileArn,
    };
  },
  volume: (world, id) =>
    resourceTags(Object.values(world.instances).find(({ volumeId }) => volumeId === id)?.volumeTags, own),
  'network-interface': (world, id) => resourceTags(world.networkInterfaces[id]?.tags, own),
  'security-group': (world, id) => {
    const group = world.securityGroups[id];
    return { ...resourceTags(group?.tags, own), 'ec2:SecurityGroupID': id, 'ec2:Vpc': vpcArn(world, group?.vpcId) };
  },
  'security-group-rule': (world, id) => {
    const rules = Object.values(world.securityGroups).flatMap(({ rules: each }) => each);
    return resourceTags(rules.find(({ securityGroupRuleId }) => securityGroupRuleId === id)?.tags, own);
  },
  subnet: (world, id) => {
    const subnet = world.subnets[id];
    return {
      ...resourceTags(subnet?.tags, own),
      'ec2:SubnetID': id,
      'ec2:Vpc': vpcArn(world, subnet?.vpcId),
      'ec2:AvailabilityZone': subnet?.availabilityZone,
    };
  },
  vpc: (world, id) => ({ ...resourceTags(world.vpcs[id]?.tags, own), 'ec2:VpcID': id }),
  'key-pair': (world, name) => {
    const pair = Object.values(world.keyPairs).find(({ keyName }) => keyName === name);
    return { ...resourceTags(pair?.tags, own), 'ec2:KeyPairName': name };
  },
  image: (_world, id) => ({ 'ec2:ImageID': id, 'ec2:Owner': 'amazon', 'ec2:Public': 'true' }),
};

/** What the ids of EC2 start with. */
const prefixes: Readonly<Record<string, string>> = {
  i: 'instance',
  vol: 'volume',
  eni: 'network-interface',
  sg: 'security-group',
  sgr: 'security-group-rule',
  subnet: 'subnet',
  vpc: 'vpc',
  ami: 'image',
};

function vpcArn(world: World, vpcId: string | undefined): string | undefined {
  return vpcId === undefined ? undefined : arnOf(world, 'ec2', `vpc/${vpcId}`);
}

function ask(world: World, action: string, type: string, id: string, more: Keys = {}): Ask {
  // Images are of no account.
  const place = type === 'image' ? { region: world.region, account: '' } : world;
  const known = id === '*' ? {} : (knownOf[type]?.(world, id) ?? {});
  const keys = { 'ec2:Region': world.region, ...known, ...more };
  return { action, resource: arnOf(place, 'ec2', `${type}/${id}`), keys };
}

/** Members of an input that name what the call works on; those of a type in the order of their ids. */
function named(input: Call['input']): [type: string, id: string][] {
  const ids = [
    textOf(input['InstanceId']),
    textOf(input['GroupId']),
    textOf(input['VpcId']),
    textOf(input['SubnetId']),
    ...textsOf(input['InstanceIds']),
    ...textsOf(input['Groups']),
    ...textsOf(input['Resources']),
    ...textsOf(input['SecurityGroupRuleIds']),
  ];
  const key = textOf(input['KeyName']);
  return [
    ...ids.flatMap((id): [string, string][] => {
      const type = id === undefined ? undefined : prefixes[id.slice(0, id.lastIndexOf('-'))];
      return id === undefined || type === undefined ? [] : [[type, id]];
    }),
    ...(key === undefined ? [] : [['key-pair', key] as [string, string]]),
  ];
}

/** Tags of TagSpecifications for a type of resource. */
function specified(input: Call['input'], type: string): Keys {
  const specifications = Array.isArray(input['TagSpecifications']) ? (input['TagSpecifications'] as unknown[]) : [];
  return requestTags(
    specifications.flatMap((each) => {
      const { ResourceType, Tags } = each as { ResourceType?: unknown; Tags?: unknown };
      return ResourceType === type ? tagsIn(Tags) : [];
    }),
  );
}

/** Tags given at creation are asked for as a call of its own, which says what creates. */
function tagging(world: World, { operation, input }: Call, types: readonly string[]): Ask[] {
  return types.flatMap((type) => {
    const tags = specified(input, type);
    if (tags['aws:TagKeys'] === undefined) return [];
    return [ask(world, 'ec2:CreateTags', type, '*', { ...tags, 'ec2:CreateAction': operation })];
  });
}

/** Whoever gives a role to an instance passes it to EC2. */
function passing(world: World, profile: unknown): Ask[] {
  const { Name, Arn } = (profile ?? {}) as { Name?: unknown; Arn?: unknown };
  const name = textOf(Name) ?? textOf(Arn)?.split('/').at(-1);
  const role = world.roles[world.instanceProfiles[name ?? '']?.roleNames[0] ?? ''];
  if (name === undefined) return [];
  const resource = role?.arn ?? globalArnOf(world, 'iam', `role/${name}`);
  const service = partitionOf(world.region) === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com';
  const keys = { ...resourceTags(role?.tags, 'iam:ResourceTag/'), 'iam:PassedToService': service };
  return [{ action: 'iam:PassRole', resource, keys }];
}

function launching(world: World, call: Call): Ask[] {
  const { input } = call;
  const action = 'ec2:RunInstances';
  const interfaces = Array.isArray(input['NetworkInterfaces']) ? (input['NetworkInterfaces'] as unknown[]) : [];
  const inside = interfaces.map((each) => each as Record<string, unknown>);
  const subnets = [textOf(input['SubnetId']), ...inside.map(({ SubnetId }) => textOf(SubnetId))];
  const groups = [...textsOf(input['SecurityGroupIds']), ...inside.flatMap(({ Groups }) => textsOf(Groups))];
  const key = textOf(input['KeyName']);
  const type = textOf(input['InstanceType']) ?? 'm1.small';
  const { HttpTokens } = (input['MetadataOptions'] ?? {}) as { HttpTokens?: unknown };
  const subnet = subnets.find((id) => id !== undefined);
  const zone = subnet === undefined ? undefined : world.subnets[subnet]?.availabilityZone;
  const made: Record<string, Keys> = {
    instance: { 'ec2:InstanceType': type, 'ec2:MetadataHttpTokens': textOf(HttpTokens), 'ec2:AvailabilityZone': zone },
    volume: { 'ec2:AvailabilityZone': zone },
    'network-interface': {
      'ec2:Subnet': subnet === undefined ? undefined : arnOf(world, 'ec2', `subnet/${subnet}`),
      'ec2:Vpc': vpcArn(world, world.subnets[subnet ?? '']?.vpcId),
    },
  };
  return [
    ask(world, action, 'image', textOf(input['ImageId']) ?? '*'),
    ...Object.entries(made).map(([each, keys]) =>
      ask(world, action, each, '*', { ...keys, ...specified(input, each) }),
    ),
    ask(world, action, 'subnet', subnet ?? '*'),
    ...(groups.length === 0 ? ['*'] : groups).map((id) => ask(world, action, 'security-group', id)),
    ...(key === undefined ? [] : [ask(world, action, 'key-pair', key)]),
    ...passing(world, input['IamInstanceProfile']),
    ...tagging(world, call, Object.keys(made)),
  ];
}

/** What is made has no id yet: '*' stands for it. */
function creating(world: World, call: Call, type: string): Ask[] {
  const { input, operation } = call;
  const vpcId = textOf(input['VpcId']) ?? Object.values(world.vpcs).find(({ isDefault }) => isDefault)?.vpcId ?? '*';
  const action = `ec2:${operation}`;
  const id = type === 'key-pair' ? (textOf(input['KeyName']) ?? '*') : '*';
  return [
    ask(world, action, type, id, specified(input, type)),
    ...(type === 'security-group' ? [ask(world, action, 'vpc', vpcId)] : []),
    ...tagging(world, call, [type]),
  ];
}

function ofAssociation(world: World, { input, operation }: Call): Ask[] {
  const instance = findAssociated(world, textOf(input['AssociationId']));
  return [
    ask(world, `ec2:${operation}`, 'instance', instance?.instanceId ?? '*'),
    ...passing(world, input['IamInstanceProfile']),
  ];
}

export const authorization: Authorization = {
  silentOnAll: true,
  keys: [
    'ec2:ResourceTag/',
    'ec2:Region',
    'ec2:CreateAction',
    'ec2:InstanceID',
    'ec2:InstanceType',
    'ec2:InstanceProfile',
    'ec2:AvailabilityZone',
    'ec2:MetadataHttpTokens',
    'ec2:SecurityGroupID',
    'ec2:SubnetID',
    'ec2:VpcID',
    'ec2:Vpc',
    'ec2:Subnet',
    'ec2:KeyPairName',
    'ec2:ImageID',
    'ec2:Owner',
    'ec2:Public',
  ],
  asks(call, world) {
    const { operation, input } = call;
    const action = `ec2:${operation}`;
    switch (operation) {
      case 'RunInstances':
        return launching(world, call);
      case 'CreateSecurityGroup':
        return creating(world, call, 'security-group');
      case 'CreateKeyPair':
      case 'ImportKeyPair':
        return creating(world, call, 'key-pair');
      case 'ReplaceIamInstanceProfileAssociation':
      case 'DisassociateIamInstanceProfile':
        return ofAssociation(world, call);
      case 'AssociateIamInstanceProfile':
        return [
          ask(world, action, 'instance', textOf(input['InstanceId']) ?? '*'),
          ...passing(world, input['IamInstanceProfile']),
        ];
      default:
    }
    // None of EC2's Describe actions takes resources, with two exceptions among those of the sandbox.
    const reads =
      /^(Describe|Get)/.test(operation) && !['DescribeInstanceAttribute', 'GetConsoleOutput'].includes(operation);
    const on = reads ? [] : named(input);
    const tags = ['CreateTags', 'DeleteTags'].includes(operation) ? requestTags(tagsIn(input['Tags'])) : {};
    if (on.length === 0) return [{ action, resource: '*', keys: { 'ec2:Region': world.region, ...tags } }];
    return on.map(([type, id]) => ask(world, action, type, id, tags));
  },
};
