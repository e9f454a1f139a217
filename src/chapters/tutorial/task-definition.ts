// Step 2: the task definition.
import type { Step } from '../../engine/types.ts';
import { removeRevisions, taskDefinition as kind } from '../../resources/ecs/task-definition.ts';
import { converge, plan, shown, working } from '../../resources/resource.ts';
import type { TutorialContext } from './context.ts';
import { taskDefinition as outline } from './outline.ts';

function wish({ names, document }: TutorialContext) {
  return { name: names.family, document };
}

export const taskDefinition: Step<TutorialContext> = {
  ...outline,
  needs: [],
  async inspect(context, run) {
    const at = working(context, run, outline.id);
    const seen = await kind.find(at, wish(context));
    context.facts.taskDefinition = seen?.definition;
    const planned = plan(kind, at, wish(context), seen);
    if (planned.changes.length > 0) context.facts.revisionDue = true;
    return planned;
  },
  async ensure(context, run) {
    const at = working(context, run, outline.id);
    const made = await converge(kind, at, wish(context), await kind.find(at, wish(context)));
    context.facts.taskDefinition = made.definition;
    return [shown(kind, at, wish(context), made)];
  },
  remove: (context, run) => removeRevisions(working(context, run, outline.id), context.names.family),
};
