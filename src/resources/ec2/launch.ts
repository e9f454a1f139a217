// Launching one more container instance: image, user data, client token, and the zones tried one after the other.
// Knows nothing of what is there already but its number.
import { createHash } from 'node:crypto';
import { type _InstanceType, DescribeInstancesCommand, type Instance, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { isTokenMismatch, isZoneUnusable, transient } from '../../aws/faults.ts';
import { tagValue } from '../../aws/ownership.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { tagKeys } from '../../base/names.ts';
import { readTemplate } from '../../base/package-root.ts';
import { instanceTypeOf } from './instance-types.ts';
import { profileNeeded } from '../iam/instance-profile.ts';
import { type Needed, whileThere } from '../presence.ts';
import { dryRun } from './dry-run.ts';
import { type Scope, tell, type Work } from '../resource.ts';
import { groupNeeded } from './security-group.ts';
import { instanceType as type, type KnownInstance, type WantedInstances } from './wanted-instances.ts';

/** How many tokens are tried for one place: each may answer with an instance that is terminated or taken already. */
const tokensTried = 20;

/** What the next instance is to be, and what is there already. */
export interface Launch {
  imageId: string;
  instanceType: string;
  /** The instance's number among all of the demo that EC2 lists, terminated ones included; from 0. */
  slot: number;
  /** Which of the subnets comes first; those after it follow in turn. */
  firstSubnet: number;
  /** Ids that are counted already: a token that answers with one of them was used before. */
  known: readonly string[];
}

/** Families with a g behind the generation are Graviton: t4g, m7gd, c6gn. */
export function isArm(instanceType: string): boolean {
  return /^(a1|[a-z]+\d+g[a-z]*)\./.test(instanceType);
}

/** The image for GPUs has their driver: without it the agent registers none. There is none for ARM. */
function variantOf(instanceType: string): string {
  if (isArm(instanceType)) return 'arm64/';
  return (instanceTypeOf(instanceType)?.gpus ?? 0) > 0 ? 'gpu/' : '';
}

/** The newest ECS-optimized Amazon Linux 2023 image for the type (aws-facts §1.7). */
export async function findImage({ aws }: Scope, instanceType: string): Promise<string> {
  const Name = `/aws/service/ecs/optimized-ami/amazon-linux-2023/${variantOf(instanceType)}recommended/image_id`;
  const [ssm, { GetParameterCommand }] = await Promise.all([aws.ssm(), import('../../aws/ssm.ts')]);
  const found = await ssm.send(new GetParameterCommand({ Name }));
  const imageId = found.Parameter?.Value;
  if (imageId === undefined) throw new EcsdemoError('unexpected', `the public parameter ${Name} has no value`);
  return imageId;
}

/** SDK v3 sends user data as it is: encoding is ours (aws-facts §0). */
export function userData(cluster: string): string {
  return Buffer.from(readTemplate('user-data.sh').replaceAll('{{cluster}}', cluster)).toString('base64');
}

/**
 * One client token for "the demo's nth instance, in this subnet": two runs at once send the same and get one instance,
 * also when the second already lists some of the first one's. An instance that the token made before and that is dead
 * or counted already makes `attempt` go up.
 */
export function clientToken(generation: string, slot: number, subnetId: string, attempt: number): string {
  return createHash('sha256')
    .update(JSON.stringify([generation, slot, subnetId, attempt]))
    .digest('hex')
    .slice(0, 64);
}

type Launched = Pick<Launch, 'imageId' | 'instanceType'>;

type Place = WantedInstances['places'][number];

/**
 * Launches one instance, in the first zone that has one. @throws the refusal of the last zone tried.
 * Zone after zone, once each: what a zone does not offer it will not offer in a minute either (aws-facts §18).
 */
export async function launch(at: Work, wanted: WantedInstances, next: Launch): Promise<KnownInstance> {
  const { places } = wanted;
  let refusal: unknown = new EcsdemoError('subnets-unsuitable', 'there is no subnet to launch an instance in', {
    suggestions: [{ command: 'up', flags: { 'vpc-id': 'vpc-…', 'subnet-ids': 'subnet-…,subnet-…' } }],
  });
  for (let turn = 0; turn < places.length; turn++) {
    const place = places[(next.firstSubnet + turn) % places.length];
    if (place === undefined) break;
    try {
      return await launchIn(at, wanted, next, place);
    } catch (error) {
      if (!isZoneUnusable(error)) throw error;
      refusal = error;
      const following = places[(next.firstSubnet + turn + 1) % places.length];
      // Of the last one the error itself tells.
      if (turn === places.length - 1 || following === undefined) break;
      const why = (error as Error).name;
      const message = `${place.AvailabilityZone} has no ${next.instanceType} now (${why}): trying ${following.AvailabilityZone}`;
      at.run.report({ type: 'warning', step: at.step, message });
    }
  }
  throw refusal;
}

/** An instance of the demo that came up since this run looked. */
async function newcomer({ aws, demo }: Work, known: readonly string[]): Promise<KnownInstance | undefined> {
  const found = await aws.ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: `tag:${tagKeys.demo}`, Values: [demo] },
        { Name: 'instance-state-name', Values: ['pending', 'running'] },
      ],
    }),
  );
  for (const instance of (found.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
    const { InstanceId } = instance;
    if (InstanceId !== undefined && !known.includes(InstanceId)) return { ...instance, InstanceId };
  }
  return undefined;
}

async function launchIn(at: Work, wanted: WantedInstances, next: Launch, place: Place): Promise<KnownInstance> {
  const { aws, run, tags } = at;
  const { clusterTags } = wanted;
  const { SubnetId, AvailabilityZone } = place;
  const generation = tagValue(clusterTags, tagKeys.generation) ?? '';
  // With the cluster's times, not this run's: two runs at once must send the same, or the token is of no use.
  const shared = tags.map(({ Key, Value }) => ({ Key, Value: tagValue(clusterTags, Key) ?? Value }));
  const named = [...shared, { Key: 'Name', Value: wanted.name }];
  for (let attempt = 0; attempt < tokensTried; attempt++) {
    const ClientToken = clientToken(generation, next.slot, SubnetId, attempt);
    const command = runInstances(wanted, next, place, named, ClientToken);
    try {
      const launched = await run.retry({
        what: `launching an instance in ${AvailabilityZone}`,
        limitMs: 120_000,
        transient: transient.newInstanceProfile,
        recheck: whileThere(...launchNeeds(at, wanted)),
        attempt: () => aws.ec2.send(command()),
      });
      const [instance] = launched.Instances ?? [];
      // The token may answer with an instance that was terminated since, or that is counted already: on to the next.
      if (instance?.InstanceId === undefined || isDead(instance) || next.known.includes(instance.InstanceId)) continue;
      tell(at, 'create', type, wanted.name, `${instance.InstanceId} in ${AvailabilityZone}`);
      return { ...instance, InstanceId: instance.InstanceId };
    } catch (error) {
      // A run before this one used the token with other parameters, an older AMI for one; or one beside this does just
      // now, with another instance type: then what it launched is the instance that was wanted.
      if (!isTokenMismatch(error)) throw error;
      const launched = await newcomer(at, next.known);
      if (launched !== undefined) return launched;
    }
  }
  throw new EcsdemoError('unexpected', `EC2 gave no new instance in ${SubnetId} for ${tokensTried} client tokens`, {
    suggestions: [{ command: 'destroy' }, { command: 'up' }],
  });
}

/** What an instance is launched with; both were there when the network and the role were ensured. */
function launchNeeds(at: Work, { network, profile }: WantedInstances): Needed[] {
  return [
    ...(network === undefined ? [] : [groupNeeded(at, network.securityGroup)]),
    ...(profile === undefined ? [] : [profileNeeded(at, profile.name)]),
  ];
}

/**
 * Whether EC2 would launch it, as far as it tells without doing so: with the profile and the security group that there are.
 * @throws EcsdemoError or AWS's refusal
 */
export async function tryLaunch(at: Scope, wanted: WantedInstances, next: Launched, place: Place): Promise<void> {
  const { ClientToken: _token, ...input } = runInstances(wanted, next, place, at.tags, '')().input;
  const { profile, network } = wanted;
  const without = {
    ...(profile?.id === undefined ? { IamInstanceProfile: undefined } : {}),
    ...(network?.securityGroup.id === undefined
      ? {
          SecurityGroupIds: undefined,
          NetworkInterfaces: input.NetworkInterfaces?.map(({ Groups: _groups, ...rest }) => rest),
        }
      : {}),
  };
  await dryRun(at.aws.ec2.send(new RunInstancesCommand({ ...input, ...without, DryRun: true })));
}

function isDead({ State }: Instance): boolean {
  return ['shutting-down', 'terminated'].includes(State?.Name ?? '');
}

function runInstances(
  { cluster, network, profile, keyName }: WantedInstances,
  { imageId, instanceType }: Launched,
  { SubnetId, MapPublicIpOnLaunch }: Place,
  Tags: { Key: string; Value: string }[],
  ClientToken: string,
) {
  const groups = [network?.securityGroup.id ?? ''];
  return () =>
    new RunInstancesCommand({
      ImageId: imageId,
      InstanceType: instanceType as _InstanceType,
      MinCount: 1,
      MaxCount: 1,
      IamInstanceProfile: { Name: profile?.name ?? '' },
      UserData: userData(cluster),
      MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
      ClientToken,
      TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
        ResourceType,
        Tags,
      })),
      // t3 and t4g default to unlimited credits, which can bill a surplus (aws-facts §1.10).
      ...(/^t\d/.test(instanceType) ? { CreditSpecification: { CpuCredits: 'standard' } } : {}),
      ...(keyName === undefined ? {} : { KeyName: keyName }),
      // Without a public address the agent could not reach ECS; default subnets give one by themselves.
      ...(MapPublicIpOnLaunch === true
        ? { SubnetId, SecurityGroupIds: groups }
        : { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, Groups: groups, AssociatePublicIpAddress: true }] }),
    });
}
