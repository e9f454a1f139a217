// What commands do on a sandbox where they may do only so much: every story is a world, made by somebody who may do
// everything, and a command in it. Together they come to every permission there is.
import { fileURLToPath } from 'node:url';
import { CreateServiceCommand, RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagInstanceProfileCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam';
import type { PolicyCommand } from '../../src/actions/policy.ts';
import type { DoctorData } from '../../src/actions/results.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import type { GivenFlags } from '../../src/base/settings.ts';
import {
  balancer,
  groupNamed,
  listener,
  profile,
  RoleName,
  targetGroup,
  type Clients,
} from '../helpers/my-resources.ts';
import { dataOf, sweep } from '../helpers/one-action.ts';
import type { RunningDemo } from '../helpers/running-demo.ts';
import { instanceRows } from '../chapters/tutorial/drift-of-instances.ts';

export interface Story {
  /** 'up: the container instance is stopped' */
  title: string;
  command: PolicyCommand;
  /** Of the command. */
  flags?: GivenFlags | ((demo: RunningDemo) => GivenFlags);
  /** Before it. Absent: the account is empty. */
  world?: (demo: RunningDemo) => Promise<unknown>;
  /** Its policy is one for `verify --on-instance`. */
  onInstance?: true;
  /** It changes nothing. */
  reads?: true;
  /** It fails as it should, with this code. */
  fails?: 'in-use' | 'no-default-vpc' | 'check-failed';
  /** The account has no default VPC. */
  bare?: true;
}

const standing = async (demo: RunningDemo): Promise<void> => void (await demo.run('up'));

/** A demo, and then a change by hand. */
const changed =
  (change: (clients: Clients, demo: RunningDemo) => Promise<unknown>, flags: GivenFlags = {}) =>
  async (demo: RunningDemo): Promise<void> => {
    await demo.run('up', flags);
    await change(demo.clients, demo);
  };

const region = 'us-east-1';

/** By hand, and put right by `up`. */
const drifts: Record<string, (clients: Clients, demo: RunningDemo) => Promise<unknown>> = {
  'the subnets of the load balancer are others': async (clients, demo) => {
    const { LoadBalancerArn, AvailabilityZones = [] } = await balancer(clients);
    const used = AvailabilityZones.map(({ SubnetId }) => SubnetId ?? '');
    const free = Object.keys(demo.sandbox.world.subnets).filter((id) => !used.includes(id));
    await clients.elbv2.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [used[0] ?? '', free[0] ?? ''] }));
  },
  'the security groups of the load balancer are others': async (clients) => {
    const [{ LoadBalancerArn }, { GroupId = '' }] = [await balancer(clients), await groupNamed(clients, 'default')];
    await clients.elbv2.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: [GroupId] }));
  },
  'the listener answers by itself': async (clients) =>
    clients.elbv2.send(
      new ModifyListenerCommand({
        ListenerArn: await listener(clients),
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
      }),
    ),
  'the health check is another': async (clients) =>
    clients.elbv2.send(
      new ModifyTargetGroupCommand({ TargetGroupArn: await targetGroup(clients), HealthCheckIntervalSeconds: 30 }),
    ),
  'the deregistration delay is another': async (clients) =>
    clients.elbv2.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: await targetGroup(clients),
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '300' }],
      }),
    ),
  'the service has another configuration': ({ ecs }) =>
    ecs.send(
      new UpdateServiceCommand({ cluster: 'my-cluster', service: 'my-service', healthCheckGracePeriodSeconds: 7 }),
    ),
  'role and profile do not say where they are used': async ({ iam }) => {
    const TagKeys = [`ecsdemo:in:${region}`];
    await iam.send(new UntagRoleCommand({ RoleName, TagKeys }));
    await iam.send(new UntagInstanceProfileCommand({ ...profile, TagKeys }));
  },
};

/** By hand, and to be taken away. */
const removals: Pick<Story, 'title' | 'world' | 'fails'>[] = [
  {
    title: 'a person gave the role a policy of his own',
    world: changed(({ iam }) => {
      const Statement = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      return iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
    }),
  },
  {
    title: 'the role is used in another region',
    world: changed(({ iam }) =>
      iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'ecsdemo:in:eu-west-1', Value: 'true' }] })),
    ),
  },
  {
    title: 'the cluster holds a service of somebody else',
    world: changed(async ({ ecs }) => {
      const containerDefinitions = [{ name: 'web', image: 'nginx', memory: 64 }];
      await ecs.send(new RegisterTaskDefinitionCommand({ family: 'theirs', containerDefinitions }));
      const theirs = { cluster: 'my-cluster', serviceName: 'theirs', taskDefinition: 'theirs', desiredCount: 0 };
      await ecs.send(new CreateServiceCommand(theirs));
    }),
    fails: 'in-use',
  },
];

/** Those that the demo is in, by name. */
const named = ({ sandbox }: RunningDemo): GivenFlags => {
  const chosen = Object.values(sandbox.world.subnets).slice(0, 2);
  return { 'vpc-id': chosen[0]?.vpcId ?? '', 'subnet-ids': chosen.map(({ subnetId }) => subnetId).join(',') };
};

const caseOf = (name: string): string => fileURLToPath(new URL(`../cases/${name}`, import.meta.url));

export const stories: readonly Story[] = [
  { title: 'up: an account in which nothing was ever made', command: 'up' },
  ...Object.entries(drifts).map(([what, change]): Story => ({
    title: `up: ${what}`,
    command: 'up',
    world: changed(change),
  })),
  ...instanceRows
    .filter(({ repaired, flags }) => repaired.length === 1 && flags === undefined)
    .map(({ what, change }): Story => ({ title: `up: ${what}`, command: 'up', world: changed(change) })),
  {
    title: 'up: the container instance is deregistered',
    command: 'up',
    world: changed(instanceRows.find(({ what }) => what.endsWith('deregistered'))?.change ?? (async () => undefined)),
  },
  { title: 'up: it is to live for an hour', command: 'up', flags: { ttl: '1h' }, world: standing },
  {
    title: 'up: the task definition file has a tag more',
    command: 'up',
    flags: { 'task-definition': caseOf('t17-tags.json'), expect: 'nginx' },
    world: async (demo) => demo.run('up', { 'task-definition': caseOf('t02-array.json'), expect: 'nginx' }),
  },
  { title: 'up: another path', command: 'up', flags: { path: '/fine' }, world: standing },
  { title: 'up: subnets that a person names', command: 'up', flags: named, world: standing },
  { title: 'up: there is no default VPC', command: 'up', bare: true, fails: 'no-default-vpc' },
  { title: 'status', command: 'status', world: standing, reads: true },
  { title: 'verify', command: 'verify', world: standing, reads: true },
  {
    title: 'verify --on-instance',
    command: 'verify',
    flags: { 'on-instance': true },
    world: standing,
    onInstance: true,
    reads: true,
  },
  { title: 'scale --count 2', command: 'scale', flags: { count: '2' }, world: standing },
  { title: 'scale --instances 2', command: 'scale', flags: { instances: '2' }, world: standing },
  {
    title: 'scale --instances 1, of two',
    command: 'scale',
    flags: { instances: '1' },
    world: async (demo) => demo.run('up', { instances: '2' }),
  },
  {
    title: 'destroy --dry-run',
    command: 'destroy',
    flags: { 'dry-run': true },
    world: standing,
    reads: true,
  },
  { title: 'doctor: an account in which nothing was ever made', command: 'doctor', reads: true },
  { title: 'doctor: the demo stands', command: 'doctor', world: standing, reads: true },
  { title: 'doctor: there is no default VPC', command: 'doctor', bare: true, fails: 'check-failed', reads: true },
  ...(['destroy', 'sweep'] as const).flatMap((command): Story[] => [
    { title: command, command, world: standing },
    ...removals.map((story): Story => ({ ...story, command, title: `${command}: ${story.title}` })),
  ]),
];

/** Runs the story's command. Rejects as it fails. */
export async function tell(demo: RunningDemo, { command, flags: given = {} }: Story): Promise<void> {
  const flags = typeof given === 'function' ? given(demo) : given;
  if (command === 'sweep') {
    await sweep({ ...demo.settings(flags), yes: true }, () => undefined, new AbortController().signal);
  } else if (command === 'doctor') await consult(demo, flags);
  else await demo.run(command, flags);
}

/** What `doctor` may not do a check tells, failed or skipped: here it is what it fails with. */
async function consult(demo: RunningDemo, flags: GivenFlags): Promise<void> {
  let failure: unknown;
  const data = await demo.run('doctor', flags).then(
    ({ result }) => result.data,
    (error: unknown) => {
      failure = error;
      return dataOf(error) as DoctorData;
    },
  );
  const denied = data.checks.find(({ detail }) => detail.includes('may not do '));
  if (denied !== undefined) throw new EcsdemoError('access-denied', denied.detail);
  if (failure !== undefined) throw failure;
}
