import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../../src/base/settings.ts';
import { taskDefinition } from '../../../src/chapters/tutorial/task-definition.ts';
import { aContext, fault, ourEcsTags } from '../../helpers/a-context.ts';

const arn = (revision: number): string => `arn:aws:ecs:us-east-1:1:task-definition/sinatra-hi:${revision}`;
const gone = fault('ClientException', 'Unable to describe task definition.');

/** An account whose newest revision, if any, is `newest`; registering makes the next. */
function anAccount(newest?: Partial<TaskDefinition> | 'same', tags = ourEcsTags, flags: GivenFlags = {}) {
  const made = aContext(flags);
  const { ecs, context } = made;
  const same: TaskDefinition = {
    ...context.document.register,
    taskDefinitionArn: arn(1),
    revision: 1,
    status: 'ACTIVE',
    registeredAt: new Date(0),
  };
  if (newest === undefined) ecs.on(DescribeTaskDefinitionCommand).rejects(gone);
  else
    ecs
      .on(DescribeTaskDefinitionCommand)
      .resolves({ taskDefinition: { ...same, ...(newest === 'same' ? {} : newest) }, tags });
  ecs
    .on(RegisterTaskDefinitionCommand)
    .resolves({ taskDefinition: { ...same, taskDefinitionArn: arn(1) }, tags: ourEcsTags });
  return made;
}

describe('ensure', () => {
  it('registers nothing when nothing differs', async () => {
    const { context, run, operations } = anAccount('same');
    expect(await taskDefinition.ensure(context, run)).toMatchObject([{ name: 'sinatra-hi:1', owned: true }]);
    expect(operations()).toEqual(['DescribeTaskDefinition']);
  });

  it.each([
    ['there is none', undefined],
    ['the document differs', { containerDefinitions: [{ name: 'web', image: 'older' }] }],
    ['the newest is deregistered', { status: 'INACTIVE' as const }],
  ])('registers one revision, with the demo’s tags, when %s', async (_, newest) => {
    const { context, run, ecs, mutating } = anAccount(newest);
    await taskDefinition.ensure(context, run);
    expect(mutating()).toEqual(['RegisterTaskDefinition']);
    expect(ecs.commandCalls(RegisterTaskDefinitionCommand)[0]?.args[0].input.tags?.map(({ key }) => key)).toEqual([
      'ecsdemo:demo',
      'ecsdemo:created-at',
    ]);
    expect(context.facts.taskDefinition?.taskDefinitionArn).toBe(arn(1));
  });

  it('rides out that another revision is being registered', async () => {
    const { context, run, ecs, events } = anAccount();
    const busy = fault(
      'ClientException',
      'Too many concurrent attempts to create a new revision of the specified family.',
    );
    ecs
      .on(RegisterTaskDefinitionCommand)
      .rejectsOnce(busy)
      .resolves({ taskDefinition: { taskDefinitionArn: arn(1), revision: 1 } });
    await taskDefinition.ensure(context, run);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(1);
  });

  it('passes on at once what ECS finds wrong with the document', async () => {
    const { context, run, ecs, mutating } = anAccount();
    ecs.on(RegisterTaskDefinitionCommand).rejects(fault('ClientException', 'Invalid setting for container'));
    await expect(taskDefinition.ensure(context, run)).rejects.toThrow('Invalid setting');
    expect(mutating()).toHaveLength(1);
  });

  it('adds no revision to somebody else’s family, and does with --adopt', async () => {
    const refused = anAccount('same', []);
    await expect(taskDefinition.ensure(refused.context, refused.run)).rejects.toMatchObject({
      code: 'not-ours',
      exitCode: 4,
    });
    expect(refused.mutating()).toEqual([]);
    const adopting = anAccount('same', [], { adopt: true });
    await taskDefinition.ensure(adopting.context, adopting.run);
    expect(adopting.mutating()).toEqual(['RegisterTaskDefinition']);
  });
});

describe('remove', () => {
  /** A family of `count` active revisions; those in `theirs` carry no tag. */
  function aFamily(count: number, theirs: number[] = [], flags: GivenFlags = {}) {
    const made = aContext(flags);
    const arns = Array.from({ length: count }, (_, index) => arn(index + 1));
    made.ecs
      .on(ListTaskDefinitionsCommand)
      .callsFake(async ({ status, nextToken }: { status: string; nextToken?: string }) => {
        if (status !== 'ACTIVE') return { taskDefinitionArns: [] };
        const from = Number(nextToken ?? 0);
        return {
          taskDefinitionArns: arns.slice(from, from + 100),
          ...(from + 100 < count ? { nextToken: String(from + 100) } : {}),
        };
      });
    made.ecs
      .on(DescribeTaskDefinitionCommand)
      .callsFake(async ({ taskDefinition: asked }: { taskDefinition: string }) => ({
        taskDefinition: { taskDefinitionArn: asked },
        tags: theirs.some((revision) => asked === arn(revision)) ? [] : ourEcsTags,
      }));
    made.ecs.on(DeregisterTaskDefinitionCommand).resolves({}).on(DeleteTaskDefinitionsCommand).resolves({});
    return made;
  }
  const deleted = ({ ecs }: ReturnType<typeof aContext>): string[] =>
    ecs.commandCalls(DeleteTaskDefinitionsCommand).flatMap(({ args }) => args[0].input.taskDefinitions ?? []);

  it('takes every revision away, of every page, ten to a call', async () => {
    const family = aFamily(205);
    expect((await taskDefinition.remove(family.context, family.run)).removed).toHaveLength(205);
    expect(family.ecs.commandCalls(DeregisterTaskDefinitionCommand)).toHaveLength(205);
    expect(
      family.ecs
        .commandCalls(DeleteTaskDefinitionsCommand)
        .every(({ args }) => (args[0].input.taskDefinitions?.length ?? 0) <= 10),
    ).toBe(true);
    expect(new Set(deleted(family)).size).toBe(205);
  });

  it('leaves revisions of others alone, and takes the untagged with --adopt', async () => {
    const family = aFamily(3, [2]);
    const { kept } = await taskDefinition.remove(family.context, family.run);
    expect(kept).toMatchObject([{ name: 'sinatra-hi:2', owned: false }]);
    expect(deleted(family)).toEqual([arn(1), arn(3)]);
    const adopting = aFamily(3, [2], { adopt: true });
    await taskDefinition.remove(adopting.context, adopting.run);
    expect(deleted(adopting)).toEqual([arn(1), arn(2), arn(3)]);
  });

  it('asks again for revisions that ECS does not take yet', async () => {
    const family = aFamily(2);
    family.ecs
      .on(DeleteTaskDefinitionsCommand)
      .resolvesOnce({ failures: [{ arn: arn(2), reason: 'The specified task definition is still in ACTIVE status.' }] })
      .resolves({});
    expect((await taskDefinition.remove(family.context, family.run)).removed).toHaveLength(2);
    expect(deleted(family)).toEqual([arn(1), arn(2), arn(2)]);
  });

  it('does not call removed what ECS goes on refusing', async () => {
    const family = aFamily(2);
    family.ecs.on(DeleteTaskDefinitionsCommand).resolves({ failures: [{ arn: arn(2) }] });
    expect((await taskDefinition.remove(family.context, family.run)).removed.map(({ id }) => id)).toEqual([arn(1)]);
  });

  it('does not wait for a revision that another destroy has deleted', async () => {
    const family = aFamily(2);
    const failures = [{ arn: arn(2), reason: 'TASK_DEFINITION_NOT_FOUND' }];
    family.ecs.on(DeleteTaskDefinitionsCommand).resolves({ failures });
    expect((await taskDefinition.remove(family.context, family.run)).removed).toHaveLength(2);
    expect(family.clock.elapsed()).toBe(0);
  });

  it('of nothing is nothing', async () => {
    const family = aFamily(0);
    expect(await taskDefinition.remove(family.context, family.run)).toEqual({ removed: [], kept: [] });
    expect(family.mutating()).toEqual([]);
  });
});
