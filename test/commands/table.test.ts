// The command line as scripts know it: ids and flags. A change here is a change of the contract in design.md.
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/table.ts';

const output = ['json', 'no-color', 'quiet', 'verbose'];
const reports = ['events', 'junit', 'summary', 'trace'];
const asking = ['no-input', 'yes'];
const target = ['account', 'local', 'name', 'profile', 'region', 'timeout'];

const expected: Record<string, string[]> = {
  up: [
    ...target,
    ...output,
    ...reports,
    'adopt',
    'command',
    'container',
    'container-port',
    'count',
    'dry-run',
    'expect',
    'image',
    'instance-type',
    'instances',
    'key-name',
    'pace',
    'path',
    'ssh-from',
    'subnet-ids',
    'task-definition',
    'through',
    'ttl',
    'timings',
    'vpc-id',
    ...asking,
  ],
  verify: [...target, ...output, ...reports, 'expect', 'on-instance', 'path'],
  doctor: [...target, ...output, ...reports, 'instance-type', 'subnet-ids', 'vpc-id'],
  scale: [...target, ...output, ...reports, 'count', 'expect', 'instances', 'path', ...asking],
  destroy: [...target, ...output, ...reports, 'adopt', 'dry-run', 'timings', ...asking],
  smoke: [
    ...target,
    ...output,
    ...reports,
    'command',
    'container',
    'container-port',
    'count',
    'expect',
    'image',
    'instance-type',
    'keep',
    'key-name',
    'pace',
    'path',
    'retry',
    'ssh-from',
    'steps',
    'subnet-ids',
    'task-definition',
    'ttl',
    'vpc-id',
    'no-input',
    'yes',
  ],
  status: [...target, ...output, 'watch'],
  policy: [
    'account',
    'adopt',
    'format',
    'name',
    'name-prefix',
    'on-instance',
    'principal',
    'region',
    'repo',
    ...output,
  ],
  sweep: [
    ...target.filter((flag) => flag !== 'name'),
    ...output,
    'dry-run',
    'expired',
    'name-prefix',
    'older-than',
    ...asking,
  ],
  'sandbox:pace': output,
  completion: output,
  'sandbox:start': [...output, 'fault', 'latency', 'pace', 'policy', 'port'],
  'sandbox:stop': output,
  'sandbox:status': output,
  'sandbox:env': output,
  'sandbox:logs': output,
  'sandbox:fault': [...output, 'after', 'operation', 'times', 'zone'],
  'sandbox:fault:list': output,
  'sandbox:fault:clear': output,
  'sandbox:image:add': [...output, 'answer', 'like'],
  'sandbox:kill': output,
};

describe('the command table', () => {
  it('has exactly these commands', () => {
    expect(Object.keys(commands).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.entries(commands))('%s has exactly its flags', (id, command) => {
    expect(Object.keys(command.flags).sort()).toEqual([...(expected[id] ?? [])].sort());
  });

  it.each(Object.entries(commands))('%s says what it does, with an example', (_id, command) => {
    expect(command.summary.length).toBeGreaterThan(10);
    expect(command.examples.length).toBeGreaterThan(0);
  });
});
