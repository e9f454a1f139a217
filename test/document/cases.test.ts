// Files as people have them: each is run, or told what to change; and what was registered of one is the same again.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import { settingsFrom } from '../../src/base/settings.ts';
import { suggestionTexts } from '../../src/base/suggestion.ts';
import { isSameDefinition } from '../../src/document/same-definition.ts';
import { loadTaskDefinition, type TaskDefinitionDocument } from '../../src/document/task-definition-document.ts';
import { DescribeTaskDefinition, RegisterTaskDefinition } from '../../src/sandbox/ecs/task-definitions.ts';
import { createHarness } from '../sandbox/ecs/harness.ts';

const directory = fileURLToPath(new URL('../cases', import.meta.url));

function load(name: string, flags: Record<string, string> = {}): Promise<TaskDefinitionDocument> {
  const given = { 'task-definition': join(directory, name), ...flags };
  return loadTaskDefinition(settingsFrom(given, {}, Object.keys(given)), 'sinatra-hi');
}

/** What the load balancer talks to, and the document's containers as far as the case is about them. */
const taken: Record<string, [served: string, of?: object]> = {
  't01-nulls.json': ['web:80', { containerDefinitions: [{ cpu: 0, memory: 128 }] }],
  't01b-null-command.json': ['web:80'],
  't01c-null-taskcpu.json': ['web:80'],
  't02-array.json': ['web:80', { containerDefinitions: [{ name: 'web', image: 'nginx' }] }],
  't03b-php-first.json': ['web:80'],
  't04-vcpu.json': ['web:80', { cpu: '.25 vCPU', memory: '0.5 GB' }],
  't05-awslogs.json': ['web:80'],
  't10-depends-success.json': ['web:80'],
  't10b-depends-fail.json': ['web:80'],
  't10f-depends-never.json': ['web:80'],
  't11-healthcheck-fails.json': ['web:80'],
  't12-gpu.json': ['web:80'],
  't13-arm.json': ['web:80'],
  't14-efs.json': ['web:80'],
  't15-range.json': [
    'web:80',
    { containerDefinitions: [{ portMappings: [{ containerPort: 80 }, { containerPortRange: '9000-9005' }] }] },
  ],
  't16-host.json': ['web:80', { networkMode: 'host' }],
  't17-tags.json': ['web:80'],
  't18-cfn.json': ['web:80', { containerDefinitions: [{ name: 'web', portMappings: [{ containerPort: 80 }] }] }],
  't18c-pascal-inner.json': ['web:80', { containerDefinitions: [{ name: 'web', image: 'nginx', memory: 128 }] }],
  't19-comments.json': ['web:80'],
  't20.yaml': ['web:80', { containerDefinitions: [{ name: 'web', image: 'nginx', memory: 128 }] }],
  't23-placement.json': ['web:80'],
  't24-apache-sample.json': ['site:80'],
  't24b-loop-sidecar.json': ['web:80'],
  't25-nginx-files.json': ['web:80'],
  't29-bom-crlf.json': ['web:80'],
  't30-utf16.json': ['web:80'],
  't31-describe.json': ['web:80'],
  't31b-describe-inner-newfield.json': ['web:80'],
  't34-privileged-taskrole.json': ['web:80'],
  't35-envfile.json': ['web:80'],
  't37-name-port.json': ['web:80', { containerDefinitions: [{ versionConsistency: 'disabled' }] }],
  't38-ecr.json': ['web:80'],
  't40-stoptimeout.json': ['web:80'],
  't41-fixed.json': ['web:80'],
  't41b-fixed.json': ['web:80'],
  't42-too-large.json': ['web:80'],
};

/** The line, what is said of it, and a command that helps where another file is needed. */
const refused: Record<string, [line: number, words: string, command?: string]> = {
  't06-secrets-norole.json': [2, 'has secrets for container "web" but no executionRoleArn: name the role'],
  't07-mount-unknown.json': [
    2,
    'mounts the volume "data" into container "web", but volumes has none of that name: add',
  ],
  't09-link-unknown.json': [1, 'links container "web" to a container "nobody"; the task has no other container'],
  't10c-depends-healthy-nocheck.json': [3, 'has no healthCheck: give it one, or write "START"'],
  't10d-depends-cycle.json': [2, 'wait for each other, so none can start: a → b → a'],
  't11b-healthcheck-bad-form.json': [2, 'has interval 1 in the health check of container "web"; ECS takes 5 to 300'],
  't21-placeholder.json': [1, 'has image "<IMAGE1_NAME>" for container "web", a placeholder that nobody has filled in'],
  't22-env-number.json': [1, 'has value 80 for "PORT" of container "web", which is not a text in quotes: write "80"'],
  't26-two-files-ulimit.json': [1, 'has softLimit 65536 above hardLimit 1024 of nofile for container "web"'],
  't27-same-hostport.json': [2, 'has hostPort 8080 for container "two", which container "web" has already'],
  't32-memory-over.json': [1, 'has memory 128 for container "web" in a task of memory "64"'],
  't33-reservation-over.json': [1, 'has memoryReservation 128 above memory 64 for container "web"'],
  't39-service-def.json': [
    1,
    'is a service, not a task definition; the one that it names is "web:1"',
    'aws ecs describe-task-definition --task-definition web:1 > task-definition.json',
  ],
};

it('has a right value for every file there is', () => {
  expect([...Object.keys(taken), ...Object.keys(refused)].toSorted()).toEqual(readdirSync(directory).toSorted());
});

describe('runs', () => {
  it.each(Object.entries(taken))('%s', async (name, [served, of = {}]) => {
    const { containerName, containerPort, register } = await load(name);
    expect(`${containerName}:${containerPort}`).toBe(served);
    expect(register).toMatchObject(of);
    expect(JSON.stringify(register)).not.toContain('null');
  });

  it.each(Object.keys(taken))('%s once: registered and described, it is the same', async (name) => {
    const { register, tags } = await load(name);
    const { call } = createHarness();
    const input = { ...structuredClone(register), tags } as RegisterTaskDefinitionRequest;
    call(RegisterTaskDefinition, input);
    const { taskDefinition = {} } = call(DescribeTaskDefinition, { taskDefinition: 'sinatra-hi' });
    expect(isSameDefinition(taskDefinition, register)).toBe(true);
    // And its description is a file as well.
    expect(isSameDefinition({ ...register, cpu: '1', memory: '9999' }, register)).toBe(false);
  });
});

describe('says what to change in', () => {
  it.each(Object.entries(refused))('%s', async (name, [line, words, command]) => {
    const error = await load(name).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof EcsdemoError)) throw new Error('was not refused');
    expect(error).toMatchObject({ code: 'template-invalid', exitCode: 2 });
    expect(error.message).toContain(`${name}", line ${line}, `);
    expect(error.message).toContain(words);
    const texts = suggestionTexts(error.suggestions);
    if (command === undefined) expect(texts).toEqual([`ecsdemo   # once line ${line} is changed`]);
    else expect(texts).toEqual([`${command} && ecsdemo --task-definition ./task-definition.json`]);
  });
});
