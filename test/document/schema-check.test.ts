import { RegisterTaskDefinitionRequest$ } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { findMisfit } from '../../src/document/schema-check.ts';

const within = (container: object): unknown => ({ containerDefinitions: [container] });

describe('findMisfit', () => {
  it.each([
    [
      within({ enviroment: [] }),
      ['containerDefinitions', 0, 'enviroment'],
      'has a member "enviroment" that ECS does not know; did you mean "environment"?',
    ],
    [
      within({ environment: { A: 'b' } }),
      ['containerDefinitions', 0, 'environment'],
      'has environment {…}, which is not a list: write [{ "name": "A", "value": "b" }]',
    ],
    [
      within({ environment: [{ name: 1 }] }),
      ['containerDefinitions', 0, 'environment', 0, 'name'],
      'has name 1, which is not a text in quotes: write "1"',
    ],
    [
      within({ essential: 'yes' }),
      ['containerDefinitions', 0, 'essential'],
      'has essential "yes", which is not true or false: write true without quotes',
    ],
    [
      within({ dockerLabels: { a: 1 } }),
      ['containerDefinitions', 0, 'dockerLabels', 'a'],
      'has a 1, which is not a text in quotes: write "1"',
    ],
    [{ volumes: 'x' }, ['volumes'], 'has volumes "x", which is not a list'],
    [{ toString: 1 }, ['toString'], 'has a member "toString" that ECS does not know'],
  ])('%j', (value, path, why) => {
    expect(findMisfit(value, RegisterTaskDefinitionRequest$)).toEqual({ path, why });
  });

  it.each<[object, string]>([
    [
      { command: 'ruby "hi there.rb"' },
      'command "ruby "hi there.rb"", which is not a list: write ["ruby", "hi there.rb"]',
    ],
    [{ healthCheck: { command: 'curl -f localhost' } }, 'not a list: write ["CMD-SHELL", "curl -f localhost"]'],
    [{ links: 'db' }, 'links "db", which is not a list: write ["db"]'],
    [
      { dependsOn: { containerName: 'db', condition: 'START' } },
      'dependsOn {…}, which is not a list: write [ and ] around it',
    ],
    [
      { portMappings: ['8080:80'] },
      '"8080:80" in portMappings, which is not an object: write { "containerPort": 80, "hostPort": 8080 }',
    ],
    [{ portMappings: [80] }, '80 in portMappings, which is not an object: write { "containerPort": 80 }'],
    [{ memory: '128' }, 'memory "128", which is not a whole number: write 128 without quotes'],
    [{ memory: '512m' }, 'memory "512m", which is not a whole number: write 512, in MiB'],
    [{ memory: '2 GB' }, 'memory "2 GB", which is not a whole number: write 2048, in MiB'],
    [{ memory: 'much' }, 'memory "much", which is not a whole number'],
    [{ environment: [{ name: 'PORT', value: 80 }] }, 'value 80 for "PORT", which is not a text in quotes: write "80"'],
    [
      { name: 'web', privileged: 'no' },
      'privileged "no" for container "web", which is not true or false: write false without quotes',
    ],
  ])('%j: says what to write, where that is plain', (container, why) => {
    const found = findMisfit(within(container), RegisterTaskDefinitionRequest$);
    expect(found?.why.slice(-why.length)).toBe(why);
  });

  it('finds none where all fits, null being absent', () => {
    expect(
      findMisfit(
        { family: 'x', cpu: null, containerDefinitions: [{ dockerLabels: { a: 'b' } }] },
        RegisterTaskDefinitionRequest$,
      ),
    ).toBeUndefined();
  });
});
