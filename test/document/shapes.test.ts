// What a file may be, what it may not, and what is said of it then; with the line, wherever the document lies in it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import { suggestionTexts } from '../../src/base/suggestion.ts';
import { readTaskDefinitionFile, type TaskDefinitionFile } from '../../src/document/task-definition-file.ts';

function read(content: string | Buffer, name = 'task.json', choice = {}): Promise<TaskDefinitionFile> {
  const directory = mkdtempSync(join(tmpdir(), 'ecsdemo-shapes-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, name), content);
  return readTaskDefinitionFile(join(directory, name), choice);
}

async function refusalOf(reading: Promise<unknown>): Promise<EcsdemoError> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EcsdemoError) return error;
  throw new Error(`was not refused: ${String(error)}`);
}

const text = (value: unknown): string => JSON.stringify(value, null, 2);

const web = { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80 }] };
const Web = { Name: 'web', Image: 'nginx', Memory: 64, PortMappings: [{ ContainerPort: 80 }] };
const definition = { containerDefinitions: [web] };
const resource = (more: object = {}) => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: { ContainerDefinitions: [Web], ...more },
});

describe('a document is found in', () => {
  it.each<[string, string]>([
    ['the API’s own', text(definition)],
    ['one with comments', `// ours\n${text(definition).replace('[', '[ /* the web */')}`],
    ['a list of its containers', text([web])],
    ['one container', text(web)],
    ['a list of one', text([definition])],
    ['a list of one description', text([{ taskDefinition: { ...definition, revision: 3 } }])],
    ['a template with one', text({ Resources: { Web: resource(), Role: { Type: 'AWS::IAM::Role' } } })],
    ['a template’s resource', text(resource())],
    ['capitals', text({ ContainerDefinitions: [Web] })],
    [
      'what the CLI writes as YAML, whatever its name',
      'containerDefinitions:\n- name: web\n  image: nginx\n  memory: 64\n  portMappings:\n  - containerPort: 80\n',
    ],
  ])('%s', async (_, content) => {
    expect((await read(content)).register).toEqual(definition);
  });

  it('UTF-16 of either order, as Windows writes it', async () => {
    const little = Buffer.from(`\uFEFF${text(definition)}`, 'utf16le');
    expect((await read(little)).register).toEqual(definition);
    expect((await read(little.swap16())).register).toEqual(definition);
  });

  it('a template, with its own names and loose types, and nothing where it says AWS::NoValue', async () => {
    const { register, tags } = await read(
      text(
        resource({
          Cpu: 256,
          TaskRoleArn: { Ref: 'AWS::NoValue' },
          Tags: [{ Key: 'team', Value: 'blue' }],
          Volumes: [
            { Name: 'data', EFSVolumeConfiguration: { FilesystemId: 'fs-1', AuthorizationConfig: { IAM: 'ENABLED' } } },
          ],
          ContainerDefinitions: [
            {
              ...Web,
              Memory: '64',
              Essential: 'true',
              Environment: [{ Name: 'PORT', Value: 80 }],
              DockerLabels: { Team: 'Blue' },
            },
          ],
        }),
      ),
    );
    expect(register).toEqual({
      cpu: '256',
      volumes: [
        { name: 'data', efsVolumeConfiguration: { fileSystemId: 'fs-1', authorizationConfig: { iam: 'ENABLED' } } },
      ],
      containerDefinitions: [
        { ...web, essential: true, environment: [{ name: 'PORT', value: '80' }], dockerLabels: { Team: 'Blue' } },
      ],
    });
    expect(tags).toEqual([{ key: 'team', value: 'blue' }]);
  });

  it('YAML, with what is said once and used twice', async () => {
    const yaml = [
      'x: &small { memory: 64 }',
      'containerDefinitions:',
      '  - <<: *small',
      '    name: web',
      '    image: nginx',
      '    portMappings: [{ containerPort: 80 }]',
    ];
    const refusal = await refusalOf(read(yaml.join('\n'), 'task.yml'));
    expect(refusal.message).toContain('line 1, has a member "x" that ECS does not know');
    const { register } = await read(yaml.slice(1).join('\n').replace('<<: *small', 'memory: 64'), 'task.yml');
    expect(register).toEqual(definition);
  });
});

describe('nulls are as if not there, deep inside too', () => {
  it('but in lists', async () => {
    const containers = [{ ...web, command: null, healthCheck: { command: ['CMD', 'true'], retries: null } }];
    const { register } = await read(text({ cpu: null, volumes: null, containerDefinitions: containers }));
    expect(register).toEqual({ containerDefinitions: [{ ...web, healthCheck: { command: ['CMD', 'true'] } }] });
    const refusal = await refusalOf(read(text({ containerDefinitions: [{ ...web, command: ['a', null] }] })));
    expect(refusal.message).toContain(
      'line 14, has null in command for container "web", which is not a text in quotes',
    );
  });
});

describe('is told what it is instead:', () => {
  const describeIt = (name: string): string[] => [
    `aws ecs describe-task-definition --task-definition ${name} > task-definition.json && ecsdemo --task-definition ./task-definition.json`,
  ];
  it.each<[name: string, content: string, words: string, suggestions?: string[]]>([
    [
      'task.json',
      text({ serviceName: 'web', taskDefinition: 'web:1' }),
      'line 1, is a service, not a task definition',
      describeIt('web:1'),
    ],
    [
      'task.json',
      text({ services: [{ serviceName: 'web', taskDefinition: 'web:1' }] }),
      'is a service',
      describeIt('web:1'),
    ],
    [
      'task.json',
      text({ Type: 'AWS::ECS::Service', Properties: { TaskDefinition: 'web' } }),
      'a CloudFormation resource "AWS::ECS::Service"',
      describeIt('web'),
    ],
    ['task.json', text({ cluster: 'c', taskDefinition: 'web:1' }), 'is the input of run-task', describeIt('web:1')],
    [
      'task.json',
      text({ taskDefinitionArns: ['a:1', 'a:2'] }),
      'is a list of task definitions’ ARNs',
      describeIt('a:2'),
    ],
    ['task.json', text({ services: { web: { image: 'nginx' } } }), 'is a Docker Compose file, not a task definition'],
    ['task.yaml', 'apiVersion: apps/v1\nkind: Deployment\n', 'is a Kubernetes manifest, not a task definition'],
    [
      'task.json',
      text([definition, definition]),
      'line 1, is a list of 2, not a JSON object: ecsdemo runs one task definition',
      ["jq '.[0]' FILE > task-definition.json", 'ecsdemo --task-definition ./task-definition.json'],
    ],
    [
      'task.json',
      text({ Resources: { Web: resource(), Db: resource() } }),
      'line 2, is a CloudFormation template with 2 task definitions (Web, Db): ecsdemo runs one',
      ['jq .Resources.Web FILE > task-definition.json', 'ecsdemo --task-definition ./task-definition.json'],
    ],
    [
      'task.json',
      text({ Resources: { Role: {} } }),
      'line 2, is a CloudFormation template without an AWS::ECS::TaskDefinition',
    ],
    [
      'task.json',
      text({ Resources: { Web: resource({ Family: 'web', TaskRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] } }) } }),
      'line 19, has TaskRoleArn {"Fn::GetAtt":["Role","Arn"]}, which only CloudFormation works out: write the value itself',
      describeIt('web'),
    ],
    [
      'template.yaml',
      'Resources:\n  Web:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: web\n          Image: !Sub "${Repository}:1"\n',
      'line 7, has Image {"Fn::Sub":"${Repository}:1"}, which only CloudFormation works out',
      describeIt('FAMILY'),
    ],
    ['task.yaml', 'a: 1\n---\nb: 2\n', 'begins a second document: put the task definition into a file of its own'],
    ['task.yaml', 'a: [1,\nb: }\n', 'is not YAML'],
    [
      'task.yaml',
      'a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n',
      'is not YAML',
    ],
    ['task.json', 'hello', 'line 1, is not JSON'],
  ])('%s %s', async (name, content, words, suggestions) => {
    const error = await refusalOf(read(content, name));
    expect(error).toMatchObject({ code: 'template-invalid', exitCode: 2 });
    expect(error.message).toContain(words);
    const texts = suggestionTexts(error.suggestions).map((each) => each.replace(/\S*task\.json(?= >)/, 'FILE'));
    if (suggestions === undefined) expect(texts.join()).toMatch(/^ecsdemo {3}# once (line \d+|the file) is changed$/);
    else expect(texts).toEqual(suggestions);
  });
});

it('advises the command on AWS, where the file comes from, also to who runs it on the sandbox', async () => {
  const { suggestions } = await refusalOf(read(text({ serviceName: 'web', taskDefinition: 'web:1' })));
  const command = { command: 'up', argv: ['--local', '--task-definition', 'x'], flagsOf: () => [] };
  expect(suggestionTexts(suggestions, { ...command, target: { local: true } })).toEqual([
    'aws ecs describe-task-definition --task-definition web:1 > task-definition.json',
    'ecsdemo up --local --task-definition ./task-definition.json',
  ]);
});

it('of any YAML is a document or told what is wrong, and nothing else', async () => {
  const pieces = [
    'containerDefinitions:',
    '\n',
    '\n  ',
    '- ',
    'name: ',
    'web',
    'image: ',
    'nginx',
    'memory: 64',
    '!Ref x',
    '&a ',
    '*a',
    '<<: ',
    '[',
    ']',
    '{',
    '}',
    ': ',
    ', ',
    '"',
    "'",
    '|',
    '>',
    '---',
    '# x',
    '80',
    'null',
    '~',
    'Resources:',
    'Properties:',
    'taskDefinition:',
    '\t',
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), async (words) => {
      const error = await read(words.join(''), 'task.yaml').catch((thrown: unknown) => thrown);
      if (error instanceof Error) expect(error).toMatchObject({ code: 'template-invalid' });
    }),
    { numRuns: 500 },
  );
  expect((await refusalOf(read('['.repeat(200_000), 'task.yaml'))).message).toContain('is nested too deep');
});

describe('the line is that of the file, not of the document in it', () => {
  const bad = { ...web, image: '' };
  it.each<[string, string, number]>([
    ['a description', text({ taskDefinition: { containerDefinitions: [bad] } }), 6],
    ['its tags', text({ taskDefinition: definition, tags: [{ key: 'a', value: 1 }] }), 19],
    ['a list of containers', text([bad]), 4],
    ['one container', text(bad), 3],
    ['a template', text({ Resources: { Web: resource({ ContainerDefinitions: [{ ...Web, Image: '' }] }) } }), 9],
    ['YAML', `containerDefinitions:\n  - name: web\n    memory: 64\n    image: ""\n`, 4],
  ])('%s', async (_, content, line) => {
    expect((await refusalOf(read(content))).message).toContain(`", line ${line}, has `);
  });
});

describe('what is to be filled in', () => {
  it.each<[string, object, number]>([
    [
      'a region',
      { logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'g', 'awslogs-region': '<REGION>' } } },
      16,
    ],
    ['an account', { secrets: [{ name: 'A', valueFrom: 'arn:aws:ssm:us-east-1:<account>:parameter/a' }] }, 15],
  ])('is found: %s', async (_, more, line) => {
    const content = text({ containerDefinitions: [{ ...web, ...more }], executionRoleArn: 'role' });
    expect((await refusalOf(read(content))).message).toMatch(
      new RegExp(`line ${line}, has .* a placeholder that nobody`),
    );
  });

  it('is no web page in a command', async () => {
    const command = ['echo', '<html>'];
    expect((await read(text({ containerDefinitions: [{ ...web, command }] }))).register.containerDefinitions).toEqual([
      { ...web, command },
    ]);
  });
});

describe('whom the load balancer talks to', () => {
  const containers = (...more: object[]) => text({ containerDefinitions: more });
  const php = { name: 'php', image: 'x', memory: 16, portMappings: [{ containerPort: 9000 }] };
  const both = { ...web, portMappings: [{ containerPort: 8080 }, { containerPort: 8443 }] };
  const names = ({ served }: TaskDefinitionFile): string[] =>
    served.map(({ containerName, containerPort }) => `${containerName}:${containerPort}`);

  it.each<[string, string, object, string[]]>([
    ['port 80 first', containers(php, web), {}, ['web:80', 'php:9000']],
    ['the document’s order else', containers(php, both), {}, ['php:9000', 'web:8080', 'web:8443']],
    [
      'what says that it speaks HTTP',
      containers(php, { ...both, portMappings: [{ containerPort: 1 }, { containerPort: 2, appProtocol: 'http2' }] }),
      {},
      ['web:2', 'php:9000', 'web:1'],
    ],
    ['a helper last', containers({ ...web, essential: false }, php), {}, ['php:9000', 'web:80']],
    ['the one that is named', containers(php, web), { container: 'php' }, ['php:9000']],
    ['its port that is named', containers(php, both), { container: 'web', containerPort: 8443 }, ['web:8443']],
    ['a port says it as well', containers(php, both), { containerPort: 8443 }, ['web:8443']],
    [
      'no udp, no range',
      containers({
        ...web,
        portMappings: [
          { containerPort: 53, protocol: 'udp' },
          { containerPortRange: '9000-9005' },
          { containerPort: 80 },
        ],
      }),
      {},
      ['web:80'],
    ],
  ])('%s', async (_, content, choice, wanted) => {
    expect(names(await read(content, 'task.json', choice))).toEqual(wanted);
  });

  it.each<[object, string, string]>([
    [
      { container: 'wbe' },
      '--container "wbe" maps no tcp port in the task definition file; web, php do',
      'ecsdemo --container web',
    ],
    [
      { container: 'php', containerPort: 80 },
      '--container-port "80" is not mapped in the task definition file, which has php:9000',
      'ecsdemo --container-port 9000',
    ],
  ])('is refused when there is none: %j', async (choice, words, suggestion) => {
    const error = await refusalOf(read(containers(php, web), 'task.json', choice));
    expect(error).toMatchObject({ code: 'usage', message: words });
    expect(suggestionTexts(error.suggestions)).toEqual([suggestion]);
  });

  it('is refused where one port is mapped twice, which no service takes', async () => {
    const twice = {
      ...web,
      portMappings: [
        { containerPort: 80, hostPort: 8080 },
        { containerPort: 80, hostPort: 8081 },
      ],
    };
    expect((await refusalOf(read(containers(twice)))).message).toContain(
      'line 7, maps containerPort 80 of container "web" twice',
    );
  });
});
