import { expect, it } from 'vitest';
import { GetCommandInvocation } from '../../../src/sandbox/ssm/commands.ts';
import { aWorld, refusal } from '../ec2/world-context.ts';

it('does not know an invocation right after the command was sent, as on AWS', () => {
  const { context } = aWorld();
  const CommandId = '00000000-0000-4000-8000-000000000001';
  const InstanceId = 'i-0123456789abcdef0';
  context.world.commands[CommandId] = {
    commandId: CommandId,
    documentName: 'AWS-RunShellScript',
    parameters: { commands: ['true'] },
    comment: '',
    requestedAt: context.now,
    invocations: { [InstanceId]: { status: 'Pending', responseCode: -1, stdout: '', stderr: '' } },
  };
  expect(refusal(() => GetCommandInvocation(context, { CommandId, InstanceId }))).toContain('InvocationDoesNotExist:');
  context.now += 300;
  expect(GetCommandInvocation(context, { CommandId, InstanceId })).toMatchObject({
    Status: 'Pending',
    ResponseCode: -1,
  });
});
