import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import { settingsFrom, type GivenFlags } from '../../src/base/settings.ts';
import { isSameDefinition as isSame } from '../../src/document/same-definition.ts';
import { loadTaskDefinition, type TaskDefinitionDocument } from '../../src/document/task-definition-document.ts';

const isSameDefinition = (registered: TaskDefinition, { register }: TaskDefinitionDocument): boolean =>
  isSame(registered, register);

async function load(flags: GivenFlags = {}): Promise<TaskDefinitionDocument> {
  return loadTaskDefinition(settingsFrom(flags, {}, Object.keys(flags)), 'sinatra-hi');
}

/** Loads a file with this text. */
async function loadText(text: string): Promise<TaskDefinitionDocument> {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-document-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'task.json');
  writeFileSync(file, text);
  return load({ 'task-definition': file });
}

const casesOf = (name: string): string => fileURLToPath(new URL(`../cases/${name}`, import.meta.url));

const good = {
  containerDefinitions: [{ name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80 }] }],
};
const withContainer = (container: object): string =>
  JSON.stringify({ containerDefinitions: [{ ...good.containerDefinitions[0], ...container }] }, null, 2);

describe('the template', () => {
  it('is the tutorial’s, with a command that both generations of the image understand', async () => {
    const document = await load();
    expect(document).toMatchObject({ containerName: 'web', containerPort: 4567, alternatives: [] });
    expect(document.register).toMatchObject({ family: 'sinatra-hi', networkMode: 'bridge' });
    // hi.rb may be gone from the image; its own command is right in every generation (aws-facts §10).
    expect(document.register.containerDefinitions[0]).toMatchObject({ image: 'tongueroo/sinatra:latest' });
    expect(document.register.containerDefinitions[0]).not.toHaveProperty('command');
  });

  it('takes image and command from the flags', async () => {
    const { register, containerPort } = await load({
      image: 'nginx:alpine',
      'container-port': '80',
      command: 'nginx -g "daemon off;"',
    });
    expect(containerPort).toBe(80);
    expect(register.containerDefinitions[0]).toMatchObject({
      image: 'nginx:alpine',
      command: ['nginx', '-g', 'daemon off;'],
    });
  });
});

describe('a file', () => {
  it('is taken under the demo’s own family, without what only AWS writes', async () => {
    const { register } = await loadText(
      JSON.stringify({
        taskDefinition: { ...good, family: 'other', revision: 7, status: 'ACTIVE', taskDefinitionArn: 'arn' },
      }),
    );
    expect(register).toEqual({ ...good, family: 'sinatra-hi' });
  });

  it.each([
    ['{\n  "containerDefinitions": [}\n', 2, 'is not JSON'],
    ['[]', 1, 'is an empty list, not a JSON object'],
    ['null', 1, 'is not a JSON object'],
    ['{\n"taskDefinition": null}', 2, 'is not a JSON object'],
    ['{\n\n"containerDefinitions": []}', 3, 'has no containerDefinitions'],
    [JSON.stringify({ networkMode: 'none', ...good }, null, 2), 2, 'has networkMode "none"; the load balancer reaches'],
    [
      JSON.stringify({ ...good, networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] }, null, 2),
      15,
      'has requiresCompatibilities ["FARGATE"]; the demo runs on EC2 container instances: make it ["EC2", "FARGATE"]',
    ],
    [JSON.stringify({ cpu: 'lots', ...good }, null, 2), 2, 'has cpu "lots"'],
    [withContainer({ name: 'a b' }), 4, 'has a container name "a b"'],
    [withContainer({ image: '' }), 5, 'has no image for container "web"'],
    [withContainer({ memory: 1.5 }), 6, 'has memory 1.5 for container "web", which is not a whole number'],
    [withContainer({ memory: undefined }), 3, 'has neither memory nor memoryReservation for container "web"'],
    [
      withContainer({ portMappings: [{ containerPort: 'http' }] }),
      9,
      'has containerPort "http" for container "web", which is not a port',
    ],
    [withContainer({ portMappings: [{ containerPort: 80, hostPort: 70_000 }] }), 10, 'has hostPort 70000'],
    [withContainer({ portMappings: {} }), 7, 'has portMappings {…} for container "web", which is not a list'],
    [withContainer({ portMappings: [] }), 2, 'maps no container port'],
    [
      withContainer({ command: 'run' }),
      12,
      'has command "run" for container "web", which is not a list: write ["run"]',
    ],
    ['{"containerDefinitions": [\nnull]}', 2, 'has null in containerDefinitions, which is not an object'],
  ])('%j is refused at line %i: %s', async (text, line, why) => {
    const refused = loadText(text);
    await expect(refused).rejects.toThrow(`line ${line}, ${why}`);
    await expect(refused).rejects.toMatchObject({ code: 'template-invalid', exitCode: 2 });
  });

  it('points at the container that is wrong, not at the first of that member', async () => {
    const containerDefinitions = [...good.containerDefinitions, { name: 'side car', image: 'x', memory: 1 }];
    await expect(loadText(JSON.stringify({ containerDefinitions }, null, 2))).rejects.toThrow(
      'line 14, has a container name "side car"',
    );
  });

  it('that does not exist is named', async () => {
    await expect(load({ 'task-definition': '/no/such/file.json' })).rejects.toThrow(
      'task definition file "/no/such/file.json" does not exist',
    );
  });

  it('may be named as the AWS CLI names files', async () => {
    const document = await load({ 'task-definition': `file://${casesOf('t01-nulls.json')}` });
    expect(document).toMatchObject({ containerName: 'web', containerPort: 80 });
  });

  it.each(['web:1', 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:3'])(
    'that is the name of a task definition, %s, comes with the command that writes it',
    async (name) => {
      const refused = load({ 'task-definition': name });
      await expect(refused).rejects.toMatchObject({
        message: `task definition file "${name}" does not exist`,
        suggestions: expect.arrayContaining([
          expect.objectContaining({
            aws: `ecs describe-task-definition --task-definition ${name} > task-definition.json`,
            next: { flags: { 'task-definition': './task-definition.json' } },
          }),
        ]),
      });
    },
  );

  it('of any content is taken or refused, and nothing else', async () => {
    const member = fc.oneof(fc.json(), fc.constant(JSON.stringify(good.containerDefinitions)));
    const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-document-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, 'task.json');
    await fc.assert(
      fc.asyncProperty(
        member,
        fc.constantFrom('containerDefinitions', 'networkMode', 'taskDefinition', 'cpu', 'requiresCompatibilities'),
        async (value, name) => {
          writeFileSync(file, `{"${name}": ${value}, "memory": "64"}`);
          try {
            expect((await load({ 'task-definition': file })).containerPort).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(EcsdemoError);
            expect(error).toMatchObject({ code: 'template-invalid' });
          }
        },
      ),
    );
  });
});

/** A document as ECS describes it once registered: with its defaults filled in. */
function described({ register }: TaskDefinitionDocument): TaskDefinition {
  return {
    ...structuredClone(register),
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:1:task-definition/sinatra-hi:3',
    revision: 3,
    status: 'ACTIVE',
    registeredAt: new Date(0),
    registeredBy: 'arn:aws:iam::1:root',
    compatibilities: ['EXTERNAL', 'EC2'],
    requiresAttributes: [{ name: 'com.amazonaws.ecs.capability.docker-remote-api.1.21' }],
    volumes: [],
    placementConstraints: [],
    enableFaultInjection: false,
    networkMode: register.networkMode ?? 'bridge',
    containerDefinitions: register.containerDefinitions.map((container) => ({
      cpu: 0,
      essential: true,
      environment: [],
      mountPoints: [],
      volumesFrom: [],
      systemControls: [],
      ...container,
      portMappings: (container.portMappings ?? []).map((mapping) => ({
        hostPort: 0,
        protocol: 'tcp' as const,
        ...mapping,
      })),
    })),
  };
}

describe('isSameDefinition', () => {
  it('holds for what ECS makes of a document', async () => {
    expect(isSameDefinition(described(await load()), await load())).toBe(true);
    const document = await loadText(
      withContainer({
        environment: [
          { name: 'B', value: '1' },
          { name: 'A', value: '2' },
        ],
        healthCheck: { command: ['CMD', 'true'] },
      }),
    );
    const seen = described(document);
    const [container] = seen.containerDefinitions ?? [];
    if (container === undefined) throw new Error('no container');
    container.environment?.reverse();
    container.healthCheck = { command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3 };
    expect(isSameDefinition(seen, document)).toBe(true);
  });

  it.each(['host', 'awsvpc'] as const)('holds for the ports that ECS fills in with %s', async (networkMode) => {
    const document = await loadText(JSON.stringify({ ...good, networkMode }));
    const seen = described(document);
    const filled = (hostPort: number) => {
      const [container] = seen.containerDefinitions ?? [];
      return { ...seen, containerDefinitions: [{ ...container, portMappings: [{ containerPort: 80, hostPort }] }] };
    };
    expect(isSameDefinition(filled(80), document)).toBe(true);
    expect(isSameDefinition({ ...filled(80), networkMode: 'bridge' }, document)).toBe(false);
  });

  it('takes a document that Fargate could run too, when it says EC2', async () => {
    const requiresCompatibilities = ['EC2', 'FARGATE'];
    const document = await loadText(JSON.stringify({ ...good, networkMode: 'awsvpc', requiresCompatibilities }));
    expect(document.register).toMatchObject({ networkMode: 'awsvpc', requiresCompatibilities });
  });

  it('holds for amounts that ECS has turned into numbers', async () => {
    const document = await loadText(JSON.stringify({ ...good, cpu: '1 vCPU', memory: '2GB' }));
    expect(isSameDefinition({ ...described(document), cpu: '1024', memory: '2048' }, document)).toBe(true);
    expect(isSameDefinition({ ...described(document), cpu: '512', memory: '2048' }, document)).toBe(false);
  });

  it.each([
    [{ image: 'another' }],
    [{ command: ['ruby', 'hi.rb'] }],
    [{ memory: 65 }],
    [{ cpu: 1 }],
    [{ essential: false }],
    [{ portMappings: [{ containerPort: 81 }] }],
    [{ portMappings: [{ containerPort: 80, hostPort: 8080 }] }],
    [{ portMappings: [{ containerPort: 80, protocol: 'udp' as const }] }],
    [{ environment: [{ name: 'A', value: '1' }] }],
    [{ name: 'other' }],
  ])('does not hold after a change of %j', async (change) => {
    const document = await loadText(JSON.stringify(good));
    const seen = described(document);
    expect(
      isSameDefinition({ ...seen, containerDefinitions: [{ ...seen.containerDefinitions?.[0], ...change }] }, document),
    ).toBe(false);
  });

  it('holds for any order of members and any defaults spelled out', async () => {
    const template = await load();
    const container = fc.record(
      {
        name: fc.stringMatching(/^[a-z]{1,6}$/),
        image: fc.constantFrom('a', 'b'),
        memory: fc.integer({ min: 6, max: 512 }),
        cpu: fc.nat(512),
        essential: fc.boolean(),
        environment: fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[A-Z]{1,3}$/), value: fc.string() }), {
          selector: ({ name }) => name,
        }),
        portMappings: fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 65_535 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
      },
      { requiredKeys: ['name', 'image', 'memory', 'portMappings'] },
    );
    fc.assert(
      fc.property(fc.array(container, { minLength: 1, maxLength: 3 }), (containerDefinitions) => {
        const document: TaskDefinitionDocument = {
          ...template,
          register: { family: 'sinatra-hi', containerDefinitions },
        };
        const seen = described(document);
        const turned = {
          ...seen,
          containerDefinitions: seen.containerDefinitions?.map((one) =>
            Object.fromEntries(Object.entries(one).toReversed()),
          ),
        };
        expect(isSameDefinition(turned, document)).toBe(true);
      }),
    );
  });
});
