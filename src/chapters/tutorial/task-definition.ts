// Step 2: the task definition.
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import type { Step } from '../../engine/types.ts';
import { removeRevisions, taskDefinition as kind } from '../../resources/ecs/task-definition.ts';
import { describeGroup } from '../../resources/elbv2/look.ts';
import { refuseOtherType, targetTypeOf } from '../../resources/elbv2/target-group.ts';
import { working } from '../../resources/resource.ts';
import { single } from '../single.ts';
import type { TutorialContext } from './context.ts';
import { takeForeseen } from './foresight.ts';
import { taskDefinition as outline } from './outline.ts';

/** A standing target group is the load balancer step's to find; that it cannot serve the document is said before a revision is registered. */
async function refuseOtherMode(context: TutorialContext, before: TaskDefinition): Promise<void> {
  const { names, document } = context;
  const targetType = targetTypeOf(document.register.networkMode);
  if (targetType === targetTypeOf(before.networkMode)) return;
  const group = await describeGroup(context, names.targetGroup);
  if (group !== undefined) refuseOtherType({ name: names.targetGroup, targetType }, group);
}

const newest = single(
  { ...outline, needs: [] },
  kind,
  (context: TutorialContext) => ({
    name: context.names.family,
    document: context.document,
    follows: (before: TaskDefinition) => refuseOtherMode(context, before),
    known: takeForeseen(context, 'definition'),
  }),
  ({ facts }, seen) => (facts.taskDefinition = seen?.definition),
);

export const taskDefinition: Step<TutorialContext> = {
  ...newest,
  async inspect(context, run) {
    const planned = await newest.inspect(context, run);
    if (planned.changes.length > 0) context.facts.revisionDue = true;
    return planned;
  },
  remove: (context, run) => removeRevisions(working(context, run, outline.id), context.names.family),
};
