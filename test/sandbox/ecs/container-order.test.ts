// Containers of one task: who starts when, what a dependency that fails does, who stops first.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependenciesOf } from '../../../src/sandbox/ecs/container-order.ts';
import { RegisterTaskDefinition } from '../../../src/sandbox/ecs/task-definitions.ts';
import { RunTask, StopTask } from '../../../src/sandbox/ecs/tasks.ts';
import type { Task } from '../../../src/sandbox/ecs/records.ts';
import { createHarness, refusalOf, type Harness, type HarnessOptions } from './harness.ts';

const cluster = 'my-cluster';

function definition(name: string, over: ContainerDefinition = {}): ContainerDefinition {
  return { name, image: 'nginx', memory: 16, ...over };
}

function after(containerName: string, condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY'): ContainerDefinition {
  return { dependsOn: [{ containerName, condition }] };
}

const check = { healthCheck: { command: ['CMD-SHELL', 'exit 0'] } };

/** Runs one task of these containers and gives its record. */
function run(containers: ContainerDefinition[], options: HarnessOptions = {}): { harness: Harness; task: Task } {
  const harness = createHarness(options);
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  harness.call(RegisterTaskDefinition, { family: 'many', containerDefinitions: containers });
  const arn = harness.call(RunTask, { cluster, taskDefinition: 'many' }).tasks?.[0]?.taskArn ?? '';
  const task = harness.world.tasks[arn];
  if (!task) throw new Error('no task was started');
  return { harness, task };
}

function containerOf(task: Task, name: string) {
  const found = task.containers.find((one) => one.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
}

describe('containers start', () => {
  it('after what they depend on has started, healthy or over', () => {
    const { harness, task } = run(
      [
        definition('web', {
          dependsOn: [
            { containerName: 'db', condition: 'HEALTHY' },
            { containerName: 'migrate', condition: 'SUCCESS' },
          ],
        }),
        definition('migrate', { essential: false, ...after('db', 'START') }),
        definition('db', check),
      ],
      {
        container: (_, name) => (name === 'migrate' ? { exitsAfterMs: 100, code: 0 } : 'run'),
        health: (_, name) => (name === 'db' ? 'HEALTHY' : undefined),
      },
    );
    harness.until(() => task.lastStatus === 'RUNNING');
    expect(harness.history).toEqual(['start db', 'start migrate', 'end migrate', 'start web']);
    expect(containerOf(task, 'migrate')).toMatchObject({ lastStatus: 'STOPPED', exitCode: 0 });
  });

  it('COMPLETE is content with any exit code, and the task runs on without what is not essential', () => {
    const { harness, task } = run(
      [definition('init', { essential: false }), definition('web', after('init', 'COMPLETE'))],
      { container: (_, name) => (name === 'init' ? { exitsAfterMs: 10, code: 3 } : 'run') },
    );
    harness.until(() => task.lastStatus === 'RUNNING');
    expect(containerOf(task, 'init').exitCode).toBe(3);
  });

  it('a link waits for its container as START does', () => {
    const { harness, task } = run([definition('web', { links: ['db:database'] }), definition('db')]);
    harness.until(() => task.lastStatus === 'RUNNING');
    expect(harness.history).toEqual(['start db', 'start web']);
  });
});

describe('a dependency that fails', () => {
  it('by its exit code stops the task, in the agent’s words', () => {
    const { harness, task } = run(
      [definition('init', { image: 'busybox', essential: false }), definition('web', after('init', 'SUCCESS'))],
      { container: (_, name) => (name === 'init' ? { exitsAfterMs: 10, code: 1 } : 'run') },
    );
    harness.until(() => task.lastStatus === 'STOPPED');
    expect(harness.history).toEqual(['start init', 'end init']);
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start' });
    expect(containerOf(task, 'web')).toMatchObject({
      exitCode: 143,
      reason:
        'CannotStartContainerError: dependency graph: failed to resolve container ordering dependency ' +
        '[init(busybox) (STOPPED->RUNNING) - Exit: 1] for target [web(nginx) (NONE->RUNNING)] as dependency did not exit successfully.',
    });
  });

  it('by its startTimeout stops the task; without one it waits', () => {
    const containers = (over: ContainerDefinition) => [
      definition('db', { essential: false, ...check, ...over }),
      definition('web', after('db', 'HEALTHY')),
    ];
    const health = (): 'UNHEALTHY' => 'UNHEALTHY';
    const limited = run(containers({ startTimeout: 30 }), { health });
    limited.harness.until(() => limited.task.desiredStatus === 'STOPPED');
    const { startedAt = 0 } = containerOf(limited.task, 'db');
    // 30 seconds are 600 ms at this pace: less than a real process gets at least.
    expect(limited.harness.clock.now() - startedAt).toBe(2_000);
    expect(containerOf(limited.task, 'web').reason).toContain('has timed out.');

    const unlimited = run(containers({}), { health });
    unlimited.harness.clock.advance(unlimited.harness.pace.scale(3_600_000));
    expect(unlimited.task.lastStatus).toBe('PENDING');
  });

  it('before it starts takes its dependents along, and the task only when one of them is essential', () => {
    const { harness, task } = run([
      definition('tool', { image: 'nobody/nothing', essential: false }),
      definition('sidecar', { essential: false, ...after('tool', 'START') }),
      definition('web'),
    ]);
    harness.until(() => task.lastStatus === 'RUNNING');
    expect(containerOf(task, 'tool').reason).toContain('CannotPullContainerError');
    expect(containerOf(task, 'sidecar').reason).toContain('because dependency will never start');
    expect(harness.history).toEqual(['start web']);
  });
});

describe('a task of several containers', () => {
  it('ends with an essential one, and not with another', () => {
    const options: HarnessOptions = {
      container: (_, name) =>
        name === 'web' ? { exitsAfterMs: 500, code: 7 } : name === 'tool' ? { exitsAfterMs: 50, code: 1 } : 'run',
    };
    const { harness, task } = run(
      [definition('web'), definition('tool', { essential: false }), definition('log', { essential: false })],
      options,
    );
    harness.until(() => containerOf(task, 'tool').lastStatus === 'STOPPED');
    harness.until(() => task.lastStatus === 'RUNNING');
    harness.until(() => task.lastStatus === 'STOPPED');
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
    expect(task.containers.map(({ exitCode }) => exitCode)).toEqual([7, 1, 0]);
  });

  it('stops in reverse', () => {
    const { harness, task } = run([
      definition('web', after('app', 'START')),
      definition('app', after('db', 'START')),
      definition('db'),
    ]);
    harness.until(() => task.lastStatus === 'RUNNING');
    harness.history.length = 0;
    harness.call(StopTask, { cluster, task: task.taskArn });
    harness.until(() => task.lastStatus === 'STOPPED');
    expect(harness.history).toEqual(['stop web', 'end web', 'stop app', 'end app', 'stop db', 'end db']);
  });
});

describe('RegisterTaskDefinition refuses', () => {
  const refusal = (networkMode: 'bridge' | 'host', containerDefinitions: ContainerDefinition[]): string =>
    refusalOf(() => createHarness().call(RegisterTaskDefinition, { family: 'f', networkMode, containerDefinitions }));

  it.each<[string, ContainerDefinition[], string]>([
    [
      'a dependency that is not there',
      [definition('web', after('db', 'START'))],
      "Cannot depend on container + 'db' because it does not exist",
    ],
    [
      'a cycle',
      [definition('a', after('b', 'START')), definition('b', after('a', 'START'))],
      'Container dependencies should not have a cycle',
    ],
    ['itself', [definition('a', after('a', 'START'))], 'Container dependencies should not have a cycle'],
    [
      'HEALTHY of one without a check',
      [definition('a', after('b', 'HEALTHY')), definition('b')],
      'A dependency container with HEALTHY condition must have health check configured',
    ],
    [
      'SUCCESS of an essential one',
      [definition('a', after('b', 'SUCCESS')), definition('b')],
      'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
    ],
    ['a link to nobody', [definition('a', { links: ['nobody:db'] })], "there is no container 'nobody'"],
    [
      'links in a circle',
      [definition('a', { links: ['b'] }), definition('b', { links: ['a'] })],
      'Container links should not have a cycle',
    ],
    [
      'one host port twice',
      [
        definition('a', { portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
        definition('b', { portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
      ],
      "TCP host port '8080' is mapped multiple times in task.",
    ],
    [
      'an interval too short',
      [definition('a', { healthCheck: { command: ['CMD', 'true'], interval: 1 } })],
      'interval is 1',
    ],
    [
      'a timeout too long',
      [definition('a', { healthCheck: { command: ['CMD', 'true'], timeout: 200 } })],
      'timeout is 200',
    ],
    [
      'too many retries',
      [definition('a', { healthCheck: { command: ['CMD', 'true'], retries: 99 } })],
      'retries is 99',
    ],
    [
      'secrets without the role that fetches them',
      [definition('a', { secrets: [{ name: 'PW', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/none' }] })],
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    ],
    [
      'a document that is too long',
      [definition('a', { environment: [{ name: 'LONG', value: 'x'.repeat(65_536) }] })],
      "Max allowed length is '65536' bytes.",
    ],
    ['links where there is no bridge', [definition('a', { links: ['b'] }), definition('b')], 'networkMode=host'],
    ['a check without a command', [definition('a', { healthCheck: { command: ['CMD-SHELL'] } })], 'has no command'],
  ])('%s', (_, containers, text) => {
    const message = refusal(text.startsWith('networkMode=') ? 'host' : 'bridge', containers);
    expect(message).toMatch(/^ClientException: /);
    expect(message).toContain(text);
  });

  it('nothing of a health check with only its command, and shows the defaults', () => {
    const { taskDefinition } = createHarness().call(RegisterTaskDefinition, {
      family: 'f',
      containerDefinitions: [definition('a', check)],
    });
    expect(taskDefinition?.containerDefinitions?.[0]?.healthCheck).toEqual({
      command: ['CMD-SHELL', 'exit 0'],
      interval: 30,
      timeout: 5,
      retries: 3,
    });
    expect(taskDefinition?.requiresAttributes).toEqual([{ name: 'ecs.capability.container-health-check' }]);
  });
});

/** Containers c0, c1 …, each depending on some before it; those that others wait for to end are one-shot. */
const graphs = fc
  .array(
    fc.record({
      shot: fc.boolean(),
      code: fc.constantFrom(0, 0, 0, 1),
      runsMs: fc.integer({ min: 0, max: 200 }),
      edges: fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
      healthy: fc.boolean(),
      picks: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    }),
    { minLength: 2, maxLength: 6 },
  )
  .map((nodes) =>
    nodes.map((node, index) => {
      const dependsOn = [...new Set(index === 0 ? [] : node.edges.map((edge) => edge % index))].map((at, nth) => {
        const pick = node.picks[nth];
        const condition = nodes[at]?.shot ? (pick ? 'SUCCESS' : 'COMPLETE') : pick ? 'HEALTHY' : 'START';
        return { containerName: `c${at}`, condition } as const;
      });
      // Something has to be essential.
      const shot = node.shot && index !== nodes.length - 1;
      return { ...node, shot, name: `c${index}`, dependsOn };
    }),
  );

it('keeps the order in any graph: nothing starts before its dependencies are met, nothing stops before its dependents are over', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const containers = nodes.map(({ name, shot, dependsOn }) =>
        definition(name, {
          essential: !shot,
          startTimeout: 30,
          dependsOn: dependsOn.filter(({ condition, containerName }) => {
            const end = condition === 'SUCCESS' || condition === 'COMPLETE';
            return end === nodes.find((one) => one.name === containerName)?.shot;
          }),
          ...check,
        }),
      );
      const of = (name: string) => nodes.find((node) => node.name === name);
      const { harness, task } = run(containers, {
        container: (_, name) =>
          of(name)?.shot ? { exitsAfterMs: of(name)?.runsMs ?? 0, code: of(name)?.code ?? 0 } : 'run',
        health: (_, name) => (of(name)?.healthy ? 'HEALTHY' : 'UNHEALTHY'),
      });
      harness.until(() => task.lastStatus === 'RUNNING' || task.lastStatus === 'STOPPED');
      const failed = task.lastStatus === 'STOPPED';
      harness.call(StopTask, { cluster, task: task.taskArn });
      harness.until(() => task.lastStatus === 'STOPPED');
      const { history } = harness;
      const at = (event: string): number => history.indexOf(event);
      for (const container of containers) {
        const { name = '' } = container;
        for (const { containerName, condition } of dependenciesOf(container)) {
          if (at(`start ${name}`) >= 0) {
            const before =
              condition === 'START' || condition === 'HEALTHY' ? `start ${containerName}` : `end ${containerName}`;
            expect(at(before)).toBeGreaterThanOrEqual(0);
            expect(at(before)).toBeLessThan(at(`start ${name}`));
            if (condition === 'SUCCESS') expect(of(containerName)?.code).toBe(0);
            if (condition === 'HEALTHY') expect(of(containerName)?.healthy).toBe(true);
          }
          if (at(`stop ${containerName}`) >= 0 && at(`start ${name}`) >= 0) {
            expect(at(`end ${name}`)).toBeGreaterThanOrEqual(0);
            expect(at(`end ${name}`)).toBeLessThan(at(`stop ${containerName}`));
          }
        }
      }
      // What is not essential may be given up; a task that runs has all the others.
      if (!failed) for (const { name, shot } of nodes) if (!shot) expect(at(`start ${name}`)).toBeGreaterThanOrEqual(0);
      expect(task.containers.every(({ lastStatus }) => lastStatus === 'STOPPED')).toBe(true);
    }),
    { numRuns: 150 },
  );
});
