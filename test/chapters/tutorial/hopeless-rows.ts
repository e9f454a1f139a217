// The table of hopeless.wire.test.ts: what a person does to a demo, by the calls that the AWS CLI makes, and how each ends.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteSecurityGroupCommand,
  DescribeSubnetsCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  type Deployment,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import {
  DeleteListenerCommand,
  RegisterTargetsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteInstanceProfileCommand, RemoveRoleFromInstanceProfileCommand } from '@aws-sdk/client-iam';
import { vi } from 'vitest';
import type { ErrorCode } from '../../../src/base/errors.ts';
import type { EngineEvent } from '../../../src/engine/types.ts';
import type { FaultOptions } from '../../../src/sandbox/control/requests.ts';
import type { Pace } from '../../../src/sandbox/pace.ts';
import { parsePace, type Phase } from '../../../src/sandbox/pace.ts';
import * as my from '../../helpers/my-resources.ts';
import type { Typed } from '../../helpers/pasted.ts';
import type { RunningDemo } from '../../helpers/running-demo.ts';

interface Story {
  /** In words. */
  state: string;
  /** Commands that end well before it. */
  first?: Typed[];
  /** What a person does then. */
  meddle?: (demo: RunningDemo) => Promise<unknown>;
  /** The command. */
  run: Typed;
  /** What a person does while it runs: undefined: nothing at this event. */
  during?: (demo: RunningDemo) => (event: EngineEvent) => Promise<unknown> | undefined;
}

export interface Row extends Story {
  fault?: FaultOptions;
  code: ErrorCode;
  /** The cause, as it is told. */
  names: RegExp;
  /** True: it is told before anything is changed. */
  changesNothing?: true;
  /** True: what is done during the command can be done once only. */
  once?: true;
  /** Suggestions, each taken in a world of its own; a list is taken one after the other, with the command in between. */
  helps?: (RegExp | RegExp[])[];
}

export interface Wait extends Story {
  pace?: Pace;
}

const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-hopeless-'));
let files = 0;

export function removeFiles(): void {
  rmSync(dir, { recursive: true, force: true });
}

type Document = Omit<RegisterTaskDefinitionCommandInput, 'family'>;

/** A task definition with one nginx. */
function nginx(container: object = {}, task: Partial<Document> = {}): Document {
  const web = { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80 }], ...container };
  return { containerDefinitions: [web], ...task };
}

const fixedPort = { portMappings: [{ containerPort: 80, hostPort: 8080 }] };

function up(document: Document, flags: Record<string, string> = {}): Typed {
  const file = join(dir, `${files++}.json`);
  writeFileSync(file, JSON.stringify(document));
  return { command: 'up', flags: { 'task-definition': file, expect: 'nginx', ...flags } };
}

const plainUp: Typed = { command: 'up', flags: {} };
const scale = (flags: Record<string, string>): Typed => ({ command: 'scale', flags });

const onService = { cluster: 'my-cluster', service: 'my-service' };

/** `aws ecs register-task-definition` and `aws ecs update-service`. */
const deploy =
  (document: Document, more: Partial<UpdateServiceCommandInput> = {}) =>
  async ({ clients: { ecs } }: RunningDemo) => {
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'sinatra-hi', ...document }));
    await ecs.send(new UpdateServiceCommand({ ...onService, taskDefinition: 'sinatra-hi', ...more }));
  };

/** Another service in the demo's cluster. */
const otherService =
  (document: Document, desiredCount = 1) =>
  async ({ clients: { ecs }, sandbox }: RunningDemo) => {
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'other', ...document }));
    const serviceName = 'other';
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'my-cluster',
        serviceName,
        taskDefinition: 'other',
        desiredCount,
        launchType: 'EC2',
      }),
    );
    await vi.waitUntil(
      () =>
        Object.values(sandbox.world.tasks).filter(
          ({ group, lastStatus }) => group === 'service:other' && lastStatus === 'RUNNING',
        ).length === desiredCount,
      { timeout: 20_000 },
    );
  };

async function registerStray({ clients }: RunningDemo): Promise<void> {
  const [TargetGroupArn, Id] = await Promise.all([my.targetGroup(clients), my.instanceId(clients)]);
  await clients.elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port: 9 }] }));
}

async function drain({ clients }: RunningDemo): Promise<void> {
  const containerInstances = [await my.containerInstance(clients)];
  const cluster = 'my-cluster';
  await clients.ecs.send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances, status: 'DRAINING' }));
}

async function terminate({ clients, sandbox }: RunningDemo): Promise<void> {
  const InstanceIds = [await my.instanceId(clients)];
  await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
  await vi.waitUntil(() => Object.values(sandbox.world.instances).every(({ state }) => state === 'terminated'), {
    timeout: 20_000,
  });
}

async function otherZones({ clients }: RunningDemo): Promise<void> {
  const [{ LoadBalancerArn, AvailabilityZones = [] }, { Subnets = [] }] = await Promise.all([
    my.balancer(clients),
    clients.ec2.send(new DescribeSubnetsCommand({})),
  ]);
  const used = new Set(AvailabilityZones.map(({ SubnetId }) => SubnetId));
  const others = Subnets.flatMap(({ SubnetId }) => (SubnetId === undefined || used.has(SubnetId) ? [] : [SubnetId]));
  await clients.elbv2.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: others.slice(0, 2) }));
}

async function shutGroup({ clients }: RunningDemo): Promise<void> {
  const { GroupId, IpPermissions } = await my.groupNamed(clients, 'my-ecs-sg');
  await clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}

/** At the first event that is it. */
const once =
  (is: (event: EngineEvent) => boolean, act: (demo: RunningDemo) => Promise<unknown>) => (demo: RunningDemo) => {
    let done = false;
    return (event: EngineEvent): Promise<unknown> | undefined => {
      if (done || !is(event)) return undefined;
      done = true;
      return act(demo);
    };
  };

const called = (operation: string) => (event: EngineEvent) => event.type === 'call' && event.operation === operation;
const retrying = (event: EngineEvent) => event.type === 'retrying' && event.what.includes('launching');

const noConstraint = { placementConstraints: [{ type: 'memberOf' as const, expression: 'attribute:stack == prod' }] };
const large = nginx({ memory: 1000 });
const old = nginx(fixedPort);
const next = nginx({ ...fixedPort, memory: 65 });
const own = (memory: number) => nginx({ memory, portMappings: [{ containerPort: 80 }] }, { networkMode: 'awsvpc' });

export const rows: Row[] = [
  {
    state: 'a task larger than the type, before there is anything',
    run: up(large),
    code: 'does-not-fit',
    names: /one task reserves 1000 MiB of memory, more than a t3.micro holds: at most 993/,
    changesNothing: true,
    helps: [/--instance-type t3.small\b/],
  },
  {
    state: 'a task larger than the type, beside a demo that stands',
    first: [up(nginx())],
    run: up(large),
    code: 'does-not-fit',
    names: /more than i-\w+ \(t3.micro\) holds: 924/,
    changesNothing: true,
    helps: [/--instances 2 --instance-type t3.small\b/],
  },
  {
    state: 'a task larger than the instance, deployed by hand',
    first: [up(nginx())],
    meddle: deploy(large),
    run: scale({ count: '1' }),
    code: 'cannot-place',
    names: /one task reserves 1000 MiB of memory, more than i-\w+ \(t3.micro\) holds: 924/,
  },
  {
    state: 'more of a task that is larger than the instance',
    first: [up(nginx())],
    meddle: deploy(large),
    run: scale({ count: '2' }),
    code: 'does-not-fit',
    names: /more than i-\w+ \(t3.micro\) holds: 924/,
    changesNothing: true,
  },
  {
    // Between what is surely too much for the type and what the kernel leaves: only the instance itself says.
    state: 'a task a little larger than the instance turns out to be',
    run: up(nginx({ memory: 950 })),
    code: 'cannot-place',
    names: /one task reserves 950 MiB of memory, more than i-\w+ \(t3.micro\) holds: 924/,
    once: true,
    helps: [/--instances 2 --instance-type t3.small\b/],
  },
  {
    state: 'more processors than the type has',
    run: up(nginx({ cpu: 4096 })),
    code: 'does-not-fit',
    names: /one task reserves 4096 CPU units, more than a t3.micro holds: at most 2048/,
    changesNothing: true,
    helps: [/--instance-type t3.xlarge\b/],
  },
  {
    state: 'a GPU',
    run: up(nginx({ resourceRequirements: [{ type: 'GPU', value: '1' }] })),
    code: 'does-not-fit',
    names: /one task needs 1 GPU, and a t3.micro has none; a g4dn.xlarge has it/,
    changesNothing: true,
  },
  {
    state: 'a task for ARM',
    run: up(nginx({}, { runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } })),
    code: 'does-not-fit',
    names: /is for arm64, and a t3.micro is x86_64/,
    changesNothing: true,
    helps: [/--instance-type t4g.micro\b/],
  },
  {
    state: 'a task for ARM, beside a demo that stands',
    first: [plainUp],
    run: up(nginx({}, { runtimePlatform: { cpuArchitecture: 'ARM64' } })),
    code: 'does-not-fit',
    names: /is for arm64, and i-\w+ \(t3.micro\) is x86_64/,
    changesNothing: true,
    helps: [/--instances 2 --instance-type t4g.micro\b/],
  },
  {
    state: 'a constraint on the type that nobody meets',
    run: up(
      nginx({}, { placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.instance-type =~ t2.*' }] }),
    ),
    code: 'does-not-fit',
    names: /no container instance meets the placement constraint "attribute:ecs.instance-type =~ t2.\*"/,
    changesNothing: true,
    helps: [/--instance-type t2.micro\b/],
  },
  {
    state: 'a constraint on an attribute that nobody has',
    run: up(nginx({}, noConstraint)),
    code: 'does-not-fit',
    names: /"attribute:stack == prod": of .* stack is not set/,
    changesNothing: true,
    helps: [[/--through instance .*#/, /put-attributes .*name=stack,value=prod/]],
  },
  {
    state: 'a capability that no agent has',
    run: up(
      nginx({ logConfiguration: { logDriver: 'splunk', options: { 'splunk-url': 'http://x', 'splunk-token': 'y' } } }),
    ),
    code: 'cannot-place',
    names: /needs the attribute com.amazonaws.ecs.capability.logging-driver.splunk, which i-\w+/,
    once: true,
  },
  {
    state: 'a host port of the machine itself',
    run: up(nginx({ portMappings: [{ containerPort: 80, hostPort: 51_678 }] })),
    code: 'does-not-fit',
    names: /host port 51678 belongs to a t3.micro itself/,
    changesNothing: true,
  },
  {
    state: 'two tasks with one host port on one instance',
    run: up(old, { count: '2' }),
    code: 'does-not-fit',
    names: /2 tasks do not fit the container instance: there is room for 1, and no port 8080 left for more/,
    changesNothing: true,
    helps: [/--instances 2\b/, /--count 1\b/],
  },
  {
    state: 'more tasks with one host port than instances',
    first: [up(old)],
    run: scale({ count: '2' }),
    code: 'does-not-fit',
    names: /2 tasks do not fit the container instance: there is room for 1, and no port 8080 left for more/,
    changesNothing: true,
    helps: [/--instances 2\b/, /--count 1\b/],
  },
  {
    state: 'more memory than one instance has, in all',
    run: up(nginx({ memory: 400 }), { count: '3' }),
    code: 'does-not-fit',
    names: /3 tasks do not fit the container instance: there is room for 2, and no memory left for more/,
    changesNothing: true,
    helps: [/--instances 2\b/, /--count 2\b/],
  },
  {
    state: 'a second revision with the same host port',
    first: [up(old)],
    run: up(next),
    code: 'does-not-fit',
    names: /the new revision could never start: host port 8080 is taken by the task of sinatra-hi:1/,
    changesNothing: true,
    helps: [/--instances 2\b/, /update-service .*minimumHealthyPercent=0,maximumPercent=100/],
  },
  {
    state: 'a second revision with the same host port, deployed by hand',
    first: [up(old)],
    meddle: deploy(next),
    run: scale({ count: '1' }),
    code: 'cannot-place',
    names: /host port 8080 is taken by the task of sinatra-hi:1/,
    helps: [/--instances 2\b/, /update-service .*minimumHealthyPercent=0,maximumPercent=100/],
  },
  {
    state: 'a second revision in network mode host',
    first: [up(nginx({}, { networkMode: 'host' }))],
    run: up(nginx({ memory: 65 }, { networkMode: 'host' })),
    code: 'does-not-fit',
    names: /host port 80 is taken by the task of sinatra-hi:1/,
    changesNothing: true,
    helps: [/--instances 2\b/],
  },
  {
    state: 'a second revision where the only network interface is taken',
    first: [up(own(64))],
    run: up(own(65)),
    code: 'does-not-fit',
    names: /network interface is used up/,
    changesNothing: true,
    helps: [/--instances 2\b/],
  },
  {
    state: 'a second revision where memory is used up',
    first: [up(nginx({ memory: 500 }))],
    run: up(nginx({ memory: 501 })),
    code: 'does-not-fit',
    names: /the new revision could never start: memory is used up by what runs/,
    changesNothing: true,
    helps: [/--instances 2\b/],
  },
  {
    state: 'a deployment that may neither start nor stop a task',
    first: [up(nginx())],
    meddle: deploy(nginx({ memory: 65 }), {
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 },
    }),
    run: scale({ count: '1' }),
    code: 'cannot-place',
    names: /maximumPercent 100 allows no task more beside the task of sinatra-hi:1, and minimumHealthyPercent 100/,
    helps: [/update-service/],
  },
  {
    state: 'a host port that a service of somebody else has',
    first: [{ command: 'up', flags: { through: 'instance' } }],
    meddle: otherService(old),
    run: up(next),
    code: 'does-not-fit',
    names: /host port 8080 is taken by task \w+ of service other/,
    changesNothing: true,
    helps: [/--instances 2\b/],
  },
  {
    state: 'memory that a service of somebody else has',
    first: [plainUp],
    meddle: otherService(nginx({ memory: 600 })),
    run: scale({ count: '4' }),
    code: 'does-not-fit',
    names: /4 tasks do not fit the container instance: there is room for 2, and no memory left for more/,
    changesNothing: true,
    helps: [/--instances 2\b/, /--count 2\b/],
  },
  {
    state: 'no two tasks on one instance',
    first: [plainUp],
    meddle: ({ clients: { ecs } }) =>
      ecs.send(new UpdateServiceCommand({ ...onService, placementConstraints: [{ type: 'distinctInstance' }] })),
    run: scale({ count: '2' }),
    code: 'does-not-fit',
    names: /2 tasks do not fit the container instance: there is room for 1, and no other instance left for more/,
    changesNothing: true,
    helps: [/--instances 2\b/],
  },
  {
    state: 'every instance is DRAINING',
    first: [plainUp],
    meddle: drain,
    run: scale({ count: '2' }),
    code: 'does-not-fit',
    names: /no container instance is registered that 2 tasks could run on/,
    changesNothing: true,
    helps: [/ecsdemo up/],
  },
  {
    state: 'the instance is set DRAINING meanwhile',
    first: [plainUp],
    run: scale({ count: '3' }),
    during: once(called('UpdateService'), drain),
    code: 'cannot-place',
    names: /takes tasks: i-\w+ is DRAINING/,
    once: true,
    helps: [/ecsdemo up/],
  },
  {
    state: 'every instance was terminated',
    first: [plainUp],
    meddle: terminate,
    run: scale({ count: '2' }),
    code: 'does-not-fit',
    names: /no container instance is registered that 2 tasks could run on/,
    changesNothing: true,
    helps: [/ecsdemo up/],
  },
  ...(['verify', 'up', 'scale'] as const).map((command): Row => ({
    state: 'a target that no task is behind',
    first: [plainUp],
    meddle: registerStray,
    run: { command, flags: command === 'scale' ? { count: '2' } : {} },
    code: command === 'verify' ? 'check-failed' : 'stray-target',
    names: /target i-\w+:9 is \w+ but no running task of the service is behind it/,
    helps: [/deregister-targets .*Port=9\)? && ecsdemo/],
  })),
  {
    state: 'the listener was deleted',
    first: [plainUp],
    meddle: async ({ clients }) =>
      clients.elbv2.send(new DeleteListenerCommand({ ListenerArn: await my.listener(clients) })),
    run: scale({ count: '2' }),
    code: 'target-unhealthy',
    names: /gets no request: no listener of a load balancer uses the target group/,
    helps: [/ecsdemo up/],
  },
  {
    state: "the load balancer left the instance's zone",
    first: [plainUp],
    meddle: otherZones,
    run: scale({ count: '2' }),
    code: 'target-unhealthy',
    names: /Target.NotInUse(.|\n)*in an Availability Zone that is not enabled/,
    helps: [/ecsdemo up/],
  },
  {
    state: 'the rule that lets the load balancer in was revoked',
    first: [plainUp],
    meddle: shutGroup,
    run: scale({ count: '2' }),
    code: 'target-unhealthy',
    names: /Target.Timeout/,
  },
  {
    state: 'a program that answers the health check with an error',
    fault: { name: 'task-answers-500', times: 0 },
    run: plainUp,
    code: 'target-unhealthy',
    names: /Target.ResponseCodeMismatch/,
  },
  {
    state: 'a program that ends as soon as it starts',
    run: up(nginx({ command: ['false'] })),
    code: 'crash-loop',
    names: /exit code 1|exited with 1/,
  },
  {
    state: 'a service with a rollout that failed',
    first: [up(nginx())],
    meddle: async (demo) => {
      await deploy(nginx({ command: ['false'] }))(demo);
      await vi.waitUntil(
        async () =>
          (await my.serviceOf(demo.clients))?.deployments?.some((each: Deployment) => each.rolloutState === 'FAILED'),
        { timeout: 60_000 },
      );
    },
    run: scale({ count: '2' }),
    code: 'crash-loop',
    names: /container "web" .* exit code 1/,
  },
  {
    state: 'the service is deleted meanwhile',
    first: [plainUp],
    run: scale({ count: '3' }),
    during: once(called('UpdateService'), ({ clients: { ecs } }) =>
      ecs.send(new DeleteServiceCommand({ ...onService, force: true })),
    ),
    code: 'demo-absent',
    names: /service "my-service" is gone/,
    once: true,
    helps: [/ecsdemo up/],
  },
  {
    state: 'the security group of the instance is deleted meanwhile',
    fault: { name: 'security-group-not-found', operation: 'ec2:RunInstances', times: 0 },
    run: plainUp,
    during: once(retrying, async ({ clients }) => {
      const { GroupId } = await my.groupNamed(clients, 'my-ecs-sg');
      await clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    }),
    code: 'demo-absent',
    names: /security group "my-ecs-sg" is gone/,
    once: true,
  },
  {
    state: 'the instance profile is deleted meanwhile',
    fault: { name: 'new-instance-profile-invisible', times: 0 },
    run: plainUp,
    during: once(retrying, async ({ clients: { iam } }) => {
      await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...my.profile, RoleName: my.RoleName }));
      await iam.send(new DeleteInstanceProfileCommand(my.profile));
    }),
    code: 'demo-absent',
    names: /instance profile "ecsInstanceRole" is gone/,
    once: true,
  },
];

/** 'fast', but for these. */
function paceWith(longer: Partial<Record<Phase, number>>): Pace {
  const fast = parsePace('fast');
  if (fast === undefined) throw new Error('no pace');
  return { ...fast, of: (phase) => longer[phase] ?? fast.of(phase) };
}

export const waits: Wait[] = [
  {
    state: 'an instance that is just registering brings the room',
    pace: paceWith({ instanceBoot: 8000 }),
    first: [up(old)],
    // One more, as `scale --instances 2` in another terminal launches it.
    meddle: async ({ clients: { ec2 }, sandbox }) => {
      const [mine] = Object.values(sandbox.world.instances);
      await ec2.send(
        new RunInstancesCommand({
          ImageId: mine?.imageId,
          InstanceType: 't3.micro',
          MinCount: 1,
          MaxCount: 1,
          SubnetId: mine?.subnetId,
          SecurityGroupIds: mine?.securityGroupIds,
          IamInstanceProfile: { Name: 'ecsInstanceRole' },
          UserData: Buffer.from('#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n').toString('base64'),
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'ecsdemo:demo', Value: 'my' }] }],
        }),
      );
    },
    run: scale({ count: '2' }),
  },
  {
    state: "somebody else's task that is on its way out leaves the room",
    first: [up(nginx())],
    meddle: async ({ clients: { ecs }, sandbox }) => {
      const other = nginx({
        memory: 800,
        stopTimeout: 120,
        entryPoint: ['sh', '-c'],
        command: ['trap "" TERM; sleep 600'],
      });
      await ecs.send(new RegisterTaskDefinitionCommand({ family: 'other', ...other }));
      const { tasks = [] } = await ecs.send(new RunTaskCommand({ cluster: 'my-cluster', taskDefinition: 'other' }));
      const task = tasks[0]?.taskArn ?? '';
      await vi.waitUntil(() => sandbox.world.tasks[task]?.lastStatus === 'RUNNING', { timeout: 20_000 });
      await ecs.send(new StopTaskCommand({ cluster: 'my-cluster', task }));
    },
    run: scale({ count: '3' }),
  },
  {
    state: 'the old revision fails, so that its host port comes free',
    meddle: async (demo) => {
      const broken = up(nginx({ ...fixedPort, command: ['false'] }));
      await demo.run('up', broken.flags).catch(() => undefined);
    },
    run: up(next),
  },
];

/** A row as docs/reliability.md has it. */
export function tableLine({ state, run, code, changesNothing, helps = [] }: Row): string {
  const when = changesNothing ? 'before the first change' : 'while waiting';
  return `| ${state} | \`${run.command}\` | \`${code}\` | ${run.command === 'verify' ? 'in a check' : when} | ${helps.length} |`;
}
