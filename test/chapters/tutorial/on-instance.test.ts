import { execFileSync } from 'node:child_process';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../../src/base/settings.ts';
import { checkOnInstance } from '../../../src/chapters/tutorial/on-instance.ts';
import { quoted } from '../../../src/resources/ssm/run-command.ts';
import { aContext, fault } from '../../helpers/a-context.ts';

const docker =
  'CONTAINER ID  IMAGE  NAMES\nabc  tongueroo/sinatra  ecs-sinatra-hi-1-web-aa\ndef  tongueroo/sinatra  ecs-sinatra-hi-1-web-bb\n';

/** Two tasks on one instance, which answers `output`. */
function anInstance(output: string, flags: GivenFlags = {}) {
  const task = (hostPort: number) => ({
    containerInstanceArn: 'ci',
    containers: [
      {
        networkBindings: [
          { containerPort: 4567, hostPort, bindIP: '0.0.0.0' },
          { containerPort: 4567, hostPort, bindIP: '::' },
          { containerPort: 9, hostPort: 1 },
        ],
      },
    ],
  });
  const made = aContext(flags, {
    containerInstances: [{ containerInstanceArn: 'ci', ec2InstanceId: 'i-1' }],
    tasks: [task(32_768), task(32_769)],
  });
  made.ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'c-1' } });
  made.ssm.on(GetCommandInvocationCommand).resolves({ Status: 'Success', StandardOutputContent: output });
  return {
    ...made,
    commands: () => made.ssm.commandCalls(SendCommandCommand)[0]?.args[0].input.Parameters?.['commands'] ?? [],
  };
}
const answers = (...bodies: string[]): string =>
  docker + bodies.map((body) => `--- ecsdemo answer ---\n${body}\n`).join('');

describe('quoted', () => {
  it('is one word to a shell, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.string().filter((word) => !word.includes('\0')),
        (word) => {
          expect(execFileSync('/bin/sh', ['-c', `printf %s ${quoted(word)}`]).toString()).toBe(word);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('checkOnInstance', () => {
  it('passes when every container is listed and every port answers, each port once', async () => {
    const { context, run, commands } = anInstance(answers('42', '42'));
    expect(await checkOnInstance(context, run)).toEqual({
      status: 'pass',
      detail: '2 containers on i-1; ports 32768, 32769 answer "42"',
    });
    expect(commands().filter((line) => line.startsWith('curl'))).toHaveLength(2);
    expect(commands()[0]).toBe('docker ps');
  });

  it('puts nothing of --path into a shell but one word', async () => {
    const { context, run, commands } = anInstance(answers('42', '42'), { path: "/$(reboot)';reboot;'" });
    await checkOnInstance(context, run);
    const [curl = ''] = commands().filter((line) => line.startsWith('curl'));
    expect(
      execFileSync('/bin/sh', ['-c', curl.replace(/^curl/, "printf '%s\\n'")])
        .toString()
        .split('\n'),
    ).toContain("http://127.0.0.1:32768/$(reboot)';reboot;'");
  });

  it('fails when a port does not answer, though another answers twice', async () => {
    const { context, run } = anInstance(answers('42\n42', ''));
    expect(await checkOnInstance(context, run)).toMatchObject({
      status: 'fail',
      detail: '1 of 2 ports on i-1 answer "42"',
    });
  });

  it('fails when a container is missing', async () => {
    const { context, run } = anInstance(answers('42', '42').replace('ecs-sinatra-hi-1-web-bb', 'other'));
    expect(await checkOnInstance(context, run)).toMatchObject({
      status: 'fail',
      detail: 'docker ps on i-1 shows 1 of 2 containers',
    });
  });

  it('asks the container’s own port where the network is the instance’s', async () => {
    const { context, run, commands } = anInstance(answers('42'));
    context.facts.tasks = [{ containerInstanceArn: 'ci', containers: [{ networkBindings: [] }] }];
    expect(await checkOnInstance(context, run)).toMatchObject({
      status: 'pass',
      detail: expect.stringContaining('port 4567'),
    });
    expect(commands().filter((line) => line.startsWith('curl'))).toEqual([expect.stringContaining('127.0.0.1:4567/')]);
  });

  it('asks no address of a task’s own, and says so; what holds its network is no container of it', async () => {
    const pause = 'abc  amazon/amazon-ecs-pause:0.1.0  ecs-sinatra-hi-1-internalecspause-aa\n';
    const { context, run, commands } = anInstance(`${docker}${pause}`);
    const attachments = ['172.31.7.9', '172.31.7.10'].map((value) => [
      { type: 'ElasticNetworkInterface', details: [{ name: 'privateIPv4Address', value }] },
    ]);
    context.facts.tasks = attachments.map((each) => ({
      containerInstanceArn: 'ci',
      containers: [],
      attachments: each,
    }));
    expect(await checkOnInstance(context, run)).toEqual({
      status: 'pass',
      detail:
        '2 containers on i-1; 172.31.7.9, 172.31.7.10 not asked from there: my-ecs-sg lets in the load balancer alone',
    });
    expect(commands()).toEqual(['docker ps']);
    const fewer = anInstance(docker.replace('ecs-sinatra-hi-1-web-bb', 'other') + pause);
    fewer.context.facts.tasks = context.facts.tasks;
    expect(await checkOnInstance(fewer.context, fewer.run)).toMatchObject({
      status: 'fail',
      detail: 'docker ps on i-1 shows 1 of 2 containers',
    });
  });

  it('skips where nothing runs', async () => {
    const { context, run, operations } = anInstance('');
    context.facts.tasks = [];
    expect(await checkOnInstance(context, run)).toMatchObject({ status: 'skip' });
    expect(operations()).toEqual([]);
  });

  it('rides out an agent that is not online yet, and an invocation that is not known yet', async () => {
    const { context, run, ssm, events } = anInstance(answers('42', '42'));
    ssm
      .on(SendCommandCommand)
      .rejectsOnce(fault('InvalidInstanceId', 'not in a valid state'))
      .resolves({ Command: { CommandId: 'c-1' } });
    ssm
      .on(GetCommandInvocationCommand)
      .rejectsOnce(fault('InvocationDoesNotExist'))
      .resolvesOnce({ Status: 'InProgress' })
      .resolves({ Status: 'Success', StandardOutputContent: answers('42', '42') });
    expect(await checkOnInstance(context, run)).toMatchObject({ status: 'pass' });
    expect(events.map(({ type }) => type)).toContain('retrying');
  });

  it('is a failed check, not a failed command, when the agent never comes or the script fails', async () => {
    const absent = anInstance('');
    absent.ssm.on(SendCommandCommand).rejects(fault('InvalidInstanceId', 'not in a valid state'));
    expect(await checkOnInstance(absent.context, absent.run)).toMatchObject({
      status: 'fail',
      detail: 'the SSM agent of the instance is not online yet',
    });
    const failing = anInstance('');
    failing.ssm
      .on(GetCommandInvocationCommand)
      .resolves({ Status: 'Failed', StandardErrorContent: 'docker: not found' });
    expect(await checkOnInstance(failing.context, failing.run)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('docker: not found'),
    });
  });

  it('passes AccessDenied on: that is not the demo’s health', async () => {
    const { context, run, ssm } = anInstance('');
    ssm.on(SendCommandCommand).rejects(fault('AccessDeniedException'));
    await expect(checkOnInstance(context, run)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
