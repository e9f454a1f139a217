// Whatever file the program takes the sandbox registers, and what it then describes is the same document: a second `up`
// changes nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import { isSameDefinition } from '../../src/document/same-definition.ts';
import { readTaskDefinitionFile, type TaskDefinitionFile } from '../../src/document/task-definition-file.ts';
import { DescribeTaskDefinition, RegisterTaskDefinition } from '../../src/sandbox/ecs/task-definitions.ts';
import { createHarness } from '../sandbox/ecs/harness.ts';

const some = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 2 });
/** Now and then a slip. */
const mostly = <Value>(good: readonly Value[], ...slips: readonly Value[]) =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...(slips.length > 0 ? slips : good)) },
  );
const name = fc.constantFrom('web', 'db', 'log');

const mapping = fc.oneof(
  fc.record(
    {
      containerPort: fc.integer({ min: 1, max: 65_535 }),
      hostPort: mostly([0], 80, 8080),
      protocol: fc.constantFrom('tcp', 'udp'),
    },
    { requiredKeys: ['containerPort'] },
  ),
  fc.record({ containerPortRange: mostly(['9000-9005', '1-2'], '5-5') }),
);

const container = fc.record(
  {
    name,
    image: mostly(['nginx', 'busybox:1.36'], '<IMAGE>'),
    cpu: fc.constantFrom(0, 64, null),
    memory: mostly([64, 128], 4, 2048),
    memoryReservation: mostly([32, null], 1024),
    essential: mostly([true], false),
    command: fc.constantFrom(['sh', '-c', 'echo <b>'], [], null),
    environment: some(fc.record({ name: mostly(['A', 'B'], ''), value: fc.string() })),
    portMappings: fc.array(mapping, { minLength: 1, maxLength: 3 }),
    links: mostly([[], null], ['db']),
    dependsOn: mostly([[], null], [{ containerName: 'db', condition: 'START' }]),
    healthCheck: fc.record(
      { command: fc.constant(['CMD', 'true']), interval: mostly([30], 1), startPeriod: mostly([0, 300], 301) },
      { requiredKeys: ['command'] },
    ),
    mountPoints: mostly([[]], [{ sourceVolume: 'data', containerPath: '/d' }]),
    ulimits: some(
      fc.record({ name: mostly(['nofile', 'core'], 'nose'), softLimit: fc.nat(5), hardLimit: mostly([5], 1) }),
    ),
    dockerLabels: fc.dictionary(fc.constantFrom('a', 'B'), fc.string()),
  },
  { requiredKeys: ['name', 'image', 'memory', 'portMappings'] },
);

const document = fc.record(
  {
    containerDefinitions: fc.uniqueArray(container, { minLength: 1, maxLength: 3, selector: (each) => each.name }),
    networkMode: mostly(['bridge', 'host', 'awsvpc', null], 'none'),
    cpu: mostly(['256', '.25 vCPU', '1 vCPU'], 'x'),
    memory: mostly(['512', '1 GB', '0.5GB'], '8'),
    volumes: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('data', 'more'), host: fc.constantFrom({}, { sourcePath: '/x' }) }),
      { selector: (each) => each.name },
    ),
    requiresCompatibilities: mostly([[], ['EC2']], ['FARGATE']),
    tags: fc.uniqueArray(fc.record({ key: fc.constantFrom('team', 'tier', 'aws:x'), value: mostly(['blue'], 'é!') }), {
      selector: (each) => each.key,
    }),
    enableFaultInjection: fc.boolean(),
  },
  { requiredKeys: ['containerDefinitions'] },
);

it('holds for any document that is taken; any other is refused with its place', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ecsdemo-round-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'task.json');
  const { call } = createHarness();
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(document, async (given) => {
      writeFileSync(file, JSON.stringify(given, null, 2));
      let read: TaskDefinitionFile;
      try {
        read = await readTaskDefinitionFile(file, {});
      } catch (error) {
        expect(error).toBeInstanceOf(EcsdemoError);
        expect((error as EcsdemoError).message).toMatch(/^task definition file ".*", line \d+, \w/);
        return;
      }
      taken++;
      call(RegisterTaskDefinition, { family: 'f', ...read.register, tags: read.tags });
      const { taskDefinition = {} } = call(DescribeTaskDefinition, { taskDefinition: 'f' });
      expect(isSameDefinition(taskDefinition, read.register)).toBe(true);
      // Its description is a file again, of the same document.
      writeFileSync(file, JSON.stringify({ taskDefinition }));
      const again = await readTaskDefinitionFile(file, {});
      expect(isSameDefinition(taskDefinition, again.register)).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(100);
});
