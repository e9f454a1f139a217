// A TutorialContext on SDK clients that answer what a test says, with a clock that a test turns: for what no sandbox can
// produce (throttling, denials, answers that lag behind). A call nobody expected fails the test that made it.
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { isReadOnly } from '../../src/aws/calls.ts';
import { demoTags, toEcsTags } from '../../src/aws/ownership.ts';
import { namesOf } from '../../src/chapters/tutorial/names.ts';
import { settingsFrom, type GivenFlags } from '../../src/base/settings.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { stepRun } from '../../src/engine/wait.ts';
import type { Facts, TutorialContext } from '../../src/chapters/tutorial/context.ts';
import { templateDefinition } from '../../src/document/task-definition-document.ts';
import { handClock } from './hand-clock.ts';

const config = { region: 'us-east-1', credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } };

/** The tags of the demo `my`, in both spellings. */
export const ourTags = demoTags('my', new Date(0));
export const ourEcsTags = [...toEcsTags(ourTags), { key: 'ecsdemo:generation', value: 'cafe' }];

/** An error as AWS gives it: told apart by name and text alone. */
export function fault(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}

/**
 * A fake that gives one answer after the other, and the last for ever. Unlike the mock's own `resolvesOnce`, which counts
 * from the first call of all, it starts when it is installed.
 */
export function inTurn<Answer>(...answers: [Answer, ...Answer[]]): () => Promise<Answer> {
  const left = [...answers];
  return async () => (left.length > 1 ? left.shift() : left[0]) as Answer;
}

/** What the mocks of all services have in common. */
interface AnyMock {
  onAnyCommand(): { callsFake(fn: () => Promise<never>): unknown };
  calls(): { args: readonly { constructor: { name: string } }[] }[];
}

/** The demo `my`, or what `flags` say, with whatever facts the steps before have left. */
export function aContext(flags: GivenFlags = {}, facts: Facts = {}) {
  const clients = {
    ecs: new ECSClient(config),
    ec2: new EC2Client(config),
    elbv2: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    ssm: new SSMClient(config),
    sts: new STSClient(config),
  };
  const mocks = {
    ecs: mockClient(clients.ecs),
    ec2: mockClient(clients.ec2),
    elbv2: mockClient(clients.elbv2),
    iam: mockClient(clients.iam),
    ssm: mockClient(clients.ssm),
  };
  const all: readonly AnyMock[] = Object.values(mocks);
  for (const mock of all) {
    mock.onAnyCommand().callsFake(async () => {
      throw new Error(`this test does not expect ${mock.calls().at(-1)?.args[0]?.constructor.name}`);
    });
  }
  /** Names of the operations sent so far: 'CreateCluster'. In order within each service. */
  const operations = (): string[] =>
    all.flatMap((mock) => mock.calls().map(({ args }) => (args[0]?.constructor.name ?? '').replace(/Command$/, '')));
  const settings = settingsFrom(flags, {}, Object.keys(flags));
  const names = namesOf(settings.demo);
  const context: TutorialContext = {
    settings,
    names,
    demo: settings.demo,
    adopt: settings.adopt,
    looking: false,
    changes: () => operations().filter((operation) => !isReadOnly(operation)).length,
    tags: demoTags(settings.demo, new Date(0)),
    partition: 'aws',
    region: 'us-east-1',
    aws: { ...clients, elsewhere: () => undefined, ssm: async () => clients.ssm, destroy: () => undefined },
    document: templateDefinition(settings, names.family),
    facts,
  };
  const clock = handClock();
  const events: EngineEvent[] = [];
  let handedOver = false;
  const run = stepRun(
    {
      clock,
      signal: new AbortController().signal,
      report: (event) => events.push(event),
      step: 'test',
      deadline: clock.now() + settings.timeoutMs,
    },
    () => {
      handedOver = true;
    },
  );
  return {
    context,
    run,
    clock,
    events,
    operations,
    mutating: () => operations().filter((operation) => !isReadOnly(operation)),
    handedOver: () => handedOver,
    ...mocks,
  };
}
