// Each rule of ECS for documents, broken once: what a person is told of the file, and what the sandbox answers, come from the
// one table.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rules } from '../../src/document/rules.ts';
import { readTaskDefinitionFile } from '../../src/document/task-definition-file.ts';
import { RegisterTaskDefinition } from '../../src/sandbox/ecs/task-definitions.ts';
import { createHarness, refusalOf } from '../sandbox/ecs/harness.ts';

type Document = Partial<RegisterTaskDefinitionRequest>;

const web = { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80 }] };
const db = { name: 'db', image: 'busybox', memory: 16 };
const one = (changed: Partial<ContainerDefinition>, more: Document = {}): Document => ({
  containerDefinitions: [{ ...web, ...changed }],
  ...more,
});
const two = (first: Partial<ContainerDefinition>, second: Partial<ContainerDefinition> = {}): Document => ({
  containerDefinitions: [
    { ...web, ...first },
    { ...db, ...second },
  ],
});
const logs = (options: Record<string, string>): Document =>
  one({ logConfiguration: { logDriver: 'awslogs', options } });
const awslogs = { 'awslogs-group': 'g', 'awslogs-region': 'us-east-1' };
const secret = { name: 'PW', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/pw' };

/** Rule, document, the line of its JSON laid out, ECS's words, the program's. No line: the program asks nobody for it. */
const broken: [keyof typeof rules, Document, number | undefined, string, string][] = [
  [
    'size',
    one({ environment: [{ name: 'A', value: 'x'.repeat(65_536) }] }),
    0,
    "Max allowed length is '65536' bytes.",
    'is 65 KiB large without its blanks; ECS takes 64 KiB',
  ],
  ['family', one({}, { family: 'a b' }), undefined, 'Family contains invalid characters.', ''],
  ['containers', { containerDefinitions: [] }, 2, 'Container list cannot be empty.', 'has no containerDefinitions'],
  [
    'containers',
    { containerDefinitions: Array.from({ length: 11 }, (_, index) => ({ ...db, name: `c${index}` })) },
    2,
    'Too many containers.',
    'has 11 containers; ECS takes 10',
  ],
  [
    'compatibilities',
    one({}, { requiresCompatibilities: ['LAMBDA' as 'EC2'] }),
    15,
    'Invalid requiresCompatibilities value: LAMBDA.',
    'requires "LAMBDA", which is not EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES',
  ],
  [
    'networkMode',
    one({}, { networkMode: 'overlay' as 'bridge' }),
    14,
    'Invalid networkMode: overlay.',
    'has networkMode "overlay", which is not bridge, host, awsvpc or none',
  ],
  [
    'networkMode',
    one({}, { requiresCompatibilities: ['FARGATE'] }),
    14,
    'Fargate only supports network mode ‘awsvpc’.',
    'requires FARGATE, which takes networkMode "awsvpc" only and not "bridge": write "awsvpc"',
  ],
  ['cpu', one({}, { cpu: '1 CPU' }), 14, "Invalid 'cpu' setting for task.", 'has cpu "1 CPU", which is not an amount'],
  [
    'memory',
    one({}, { memory: '1 vCPU' }),
    14,
    "Invalid 'memory' setting for task.",
    'has memory "1 vCPU", which is not an amount such as "512" or "0.5 GB"',
  ],
  [
    'roles',
    one({}, { executionRoleArn: 'arn:aws:iam::<account>:role/ecsTaskExecutionRole' }),
    14,
    'Role is not valid',
    'a placeholder that nobody has filled in',
  ],
  [
    'volumes',
    one({}, { volumes: [{ name: 'a.b' }] }),
    16,
    'volume.name contains invalid characters.',
    'has a volume name "a.b"',
  ],
  [
    'volumes',
    one({}, { volumes: [{ name: 'a' }, { name: 'a' }] }),
    19,
    'Volume names must be unique',
    'has a second volume "a"',
  ],
  [
    'volumePaths',
    one({}, { volumes: [{ name: 'a', host: { sourcePath: '' } }] }),
    18,
    'host.sourcePath should not be blank.',
    'has an empty sourcePath for the volume "a"',
  ],
  ['name', one({ name: 'a b' }), 4, "Invalid container name 'a b'", 'has a container name "a b"'],
  ['name', one({ name: undefined }), 3, 'Container.name should not be null or empty.', 'has a container name ""'],
  ['image', one({ image: '' }), 5, 'Container.image should not be null or empty.', 'has no image for container "web"'],
  [
    'image',
    one({ image: '<IMAGE1_NAME>' }),
    5,
    'Container.image contains invalid characters.',
    'has image "<IMAGE1_NAME>" for container "web", a placeholder that nobody has filled in',
  ],
  ['amounts', one({ stopTimeout: -1 }), 12, "Invalid 'stopTimeout' setting", 'has stopTimeout -1 for container "web"'],
  ['leastMemory', one({ memory: 4 }), 6, 'the minimum is 6 MiB', 'has memory 4 for container "web"; ECS takes 6 MiB'],
  [
    'someMemory',
    one({ memory: undefined }),
    3,
    "At least one of 'memory' or 'memoryReservation' must be specified.",
    'has neither memory nor memoryReservation for container "web"',
  ],
  [
    'reservation',
    one({ memoryReservation: 128 }),
    12,
    "'memory' must be greater than or equal to 'memoryReservation'.",
    'has memoryReservation 128 above memory 64 for container "web"',
  ],
  [
    'ports',
    one({ portMappings: [{ hostPort: 80 }] }),
    8,
    "Invalid 'containerPort' setting for container 'web'.",
    'has a port mapping without containerPort for container "web"',
  ],
  [
    'ports',
    one({ portMappings: [{ containerPort: 70_000 }] }),
    9,
    "Invalid 'containerPort' setting",
    'has containerPort 70000 for container "web", which is not a port',
  ],
  [
    'ports',
    one({ portMappings: [{ containerPort: 80, hostPort: 70_000 }] }),
    10,
    "Invalid 'hostPort' setting",
    'has hostPort 70000',
  ],
  [
    'ports',
    one({ portMappings: [{ containerPort: 80, protocol: 'sctp' as 'tcp' }] }),
    10,
    "Invalid protocol 'sctp'",
    'has protocol "sctp" for container "web", which is not "tcp" or "udp"',
  ],
  [
    'ports',
    one({ portMappings: [{ containerPort: 80, hostPort: 81 }] }, { networkMode: 'host' }),
    10,
    'When networkMode=host, the host ports and container ports in port mappings must match.',
    'leave hostPort out',
  ],
  [
    'ports',
    one({ portMappings: [{ containerPort: 80 }, { containerPortRange: '9005-9000' }] }),
    12,
    "Invalid 'containerPortRange' setting",
    'has containerPortRange "9005-9000" for container "web", which is not of the form "9000-9005"',
  ],
  [
    'ports',
    one({ portMappings: [{ containerPort: 80, containerPortRange: '9000-9005' }] }),
    10,
    "Invalid 'containerPortRange' setting",
    'beside a port of its own',
  ],
  [
    'ownNetwork',
    one({ hostname: 'db' }, { networkMode: 'awsvpc' }),
    12,
    'hostname is not supported on container when networkMode=awsvpc.',
    'has hostname "db" for container "web", which networkMode "awsvpc" does not take: leave it out',
  ],
  [
    'ownNetwork',
    one({ extraHosts: [{ hostname: 'db', ipAddress: '10.0.0.1' }] }, { networkMode: 'awsvpc' }),
    12,
    'Extra hosts are not supported when networkMode=awsvpc.',
    'has extraHosts for container "web"',
  ],
  [
    'healthCheck',
    one({ healthCheck: { command: ['CMD-SHELL'] } }),
    13,
    'has no command',
    'has a health check without a command for container "web"',
  ],
  [
    'healthCheck',
    one({ healthCheck: { command: ['CMD', 'true'], interval: 1 } }),
    17,
    'interval is 1, it must be between 5 and 300',
    'has interval 1 in the health check of container "web"; ECS takes 5 to 300',
  ],
  [
    'environment',
    one({ environment: [{ name: '', value: 'x' }] }),
    13,
    'Environment variable name cannot be null or blank.',
    'has an environment variable without a name for container "web"',
  ],
  [
    'secretsTwice',
    one({ environment: [{ name: 'PW', value: 'x' }], secrets: [secret] }, { executionRoleArn: 'role' }),
    19,
    'The secret name must be unique',
    'has "PW" for container "web" as a secret and in its environment',
  ],
  [
    'secretsRole',
    one({ secrets: [secret] }),
    12,
    "you must also specify a value for 'executionRoleArn'",
    'has secrets for container "web" but no executionRoleArn',
  ],
  [
    'ulimits',
    one({ ulimits: [{ name: 'memory' as 'rss', softLimit: 1, hardLimit: 1 }] }),
    14,
    'Unrecognized ulimit name memory',
    'has a ulimit "memory" for container "web", which is not core, cpu',
  ],
  [
    'ulimits',
    one({ ulimits: [{ name: 'nofile', softLimit: 65_536, hardLimit: 1024 }] }),
    15,
    'the soft limit of nofile is above its hard limit',
    'has softLimit 65536 above hardLimit 1024 of nofile for container "web"',
  ],
  [
    'awslogs',
    logs({ 'awslogs-group': 'g' }),
    14,
    'Log driver awslogs requires options: awslogs-region',
    'has the log driver awslogs for container "web" without awslogs-region',
  ],
  [
    'awslogs',
    logs({ ...awslogs, 'awslogs-steam-prefix': 'x' }),
    17,
    'Log driver awslogs disallows options: awslogs-steam-prefix',
    'has awslogs-steam-prefix for the log driver awslogs of container "web"',
  ],
  [
    'awslogs',
    logs({ ...awslogs, 'awslogs-group': '' }),
    15,
    "option 'awslogs-group' should not be null or empty",
    'has an empty awslogs-group for container "web"',
  ],
  [
    'awslogs',
    logs({ ...awslogs, 'awslogs-create-group': 'yes' }),
    17,
    "should only be set to 'true', else omit option.",
    'has awslogs-create-group "yes" for container "web": write "true", or leave it out',
  ],
  [
    'names',
    two({}, { name: 'web' }),
    14,
    'Container names must be unique within a Task Definition.',
    'has a second container "web"',
  ],
  [
    'essential',
    one({ essential: false }),
    12,
    "Task definition doesn't have any essential container.",
    'has no essential container',
  ],
  [
    'containerMemory',
    one({}, { memory: '32' }),
    6,
    "The 'memory' setting for container 'web' is greater than for the task.",
    'has memory 64 for container "web" in a task of memory "32"',
  ],
  [
    'reservedMemory',
    {
      ...two({ memory: undefined, memoryReservation: 64 }, { memory: undefined, memoryReservation: 64 }),
      memory: '100',
    },
    19,
    "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
    'its containers reserve 128 MiB together: write "128" or more',
  ],
  [
    'sharedCpu',
    { ...two({ cpu: 256 }, { cpu: 256 }), cpu: '.25 vCPU' },
    21,
    "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
    'has cpu ".25 vCPU" for the task, but its containers take 512 units together: write "512" or more',
  ],
  [
    'hostPorts',
    two(
      { portMappings: [{ containerPort: 80, hostPort: 8080 }] },
      { portMappings: [{ containerPort: 81, hostPort: 8080 }] },
    ),
    21,
    "TCP host port '8080' is mapped multiple times in task.",
    'has hostPort 8080 for container "db", which container "web" has already',
  ],
  [
    'mounts',
    one({ mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] }),
    13,
    "Unknown volume 'data'.",
    'mounts the volume "data" into container "web", but volumes has none of that name: add { "name": "data" } there',
  ],
  [
    'volumesFrom',
    two({ volumesFrom: [{ sourceContainer: 'data' }] }),
    13,
    "Unknown container 'data' in volumesFrom.",
    'takes volumes from the container "data" for container "web"; the task has "db"',
  ],
  [
    'dependsOn',
    two({ dependsOn: [{ containerName: 'dbb', condition: 'START' }] }),
    14,
    "Cannot depend on container + 'dbb' because it does not exist",
    'says that container "web" depends on the container "dbb"; the task has "db"',
  ],
  [
    'dependsOn',
    two({ dependsOn: [{ containerName: 'db', condition: 'STARTED' as 'START' }] }),
    15,
    "Invalid condition 'STARTED'",
    'has condition "STARTED" where container "web" depends on "db", which is not START, COMPLETE, SUCCESS or HEALTHY',
  ],
  [
    'dependsOn',
    two({ dependsOn: [{ containerName: 'db', condition: 'SUCCESS' }] }),
    15,
    'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
    'write "essential": false for it',
  ],
  [
    'dependsOn',
    two({ dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] }),
    15,
    'A dependency container with HEALTHY condition must have health check configured',
    'being HEALTHY, which has no healthCheck: give it one, or write "START"',
  ],
  [
    'dependencyCycle',
    two(
      { dependsOn: [{ containerName: 'db', condition: 'START' }] },
      { dependsOn: [{ containerName: 'web', condition: 'START' }] },
    ),
    12,
    'Container dependencies should not have a cycle',
    'has containers that wait for each other, so none can start: web → db → web',
  ],
  [
    'links',
    two({ links: ['dbb:db'] }),
    13,
    "there is no container 'dbb'",
    'links container "web" to a container "dbb"; the task has "db"',
  ],
  [
    'links',
    { ...two({ links: ['db'] }), networkMode: 'host' },
    13,
    'Links are not supported when networkMode=host.',
    'links container "web" to "db", which takes networkMode "bridge": leave links out',
  ],
  [
    'linkCycle',
    two({ links: ['db'] }, { links: ['web:w'] }),
    12,
    'Container links should not have a cycle',
    'has containers that are linked in a circle: web → db → web',
  ],
];

const rows = broken.map(([rule, document, line, ecs, words]) => ({ rule, document, line, ecs, words }));

describe('a document that breaks a rule', () => {
  it.each(rows.filter(({ line }) => line !== undefined))(
    '$rule, in a file: $words',
    async ({ document, line, words }) => {
      const directory = mkdtempSync(join(tmpdir(), 'ecsdemo-rules-'));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const file = join(directory, 'task.json');
      writeFileSync(file, JSON.stringify(document, null, 2));
      const refused = readTaskDefinitionFile(file, {});
      await expect(refused).rejects.toMatchObject({ code: 'template-invalid', exitCode: 2 });
      await expect(refused).rejects.toThrow(words);
      await expect(refused).rejects.toThrow(line === 0 ? `"${file}" is` : `"${file}", line ${line}, `);
    },
  );

  it.each(rows)('$rule, at the sandbox: $ecs', ({ document, ecs }) => {
    const { call } = createHarness();
    const refusal = refusalOf(() =>
      call(RegisterTaskDefinition, { family: 'f', ...document } as RegisterTaskDefinitionRequest),
    );
    expect(refusal).toMatch(/^ClientException: /);
    expect(refusal).toContain(ecs);
  });

  it.each(rows)('$rule is what it breaks, and nothing before it', ({ rule, document }) => {
    const found = Object.keys(rules).find(
      (name) => [...(rules[name]?.({ family: 'f', ...document }) ?? [])].length > 0,
    );
    expect(found).toBe(rule);
  });
});

it('has a row for every rule', () => {
  expect([...new Set(broken.map(([rule]) => rule))].toSorted()).toEqual(Object.keys(rules).toSorted());
});
