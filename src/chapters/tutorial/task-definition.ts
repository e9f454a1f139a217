// Step 2: the task definition.
import { removeRevisions, taskDefinition as kind } from '../../resources/ecs/task-definition.ts';
import { working } from '../../resources/resource.ts';
import { single } from '../single.ts';
import type { ChapterStep } from '../chapter.ts';
import type { TutorialContext } from './context.ts';
import { takeForeseen } from './foresight.ts';
import { taskDefinition as outline } from './outline.ts';

const newest = single(
  { ...outline, needs: [] },
  kind,
  (context: TutorialContext) => ({
    name: context.names.family,
    document: context.document,
    known: takeForeseen(context, 'definition'),
  }),
  ({ facts }, seen) => (facts.taskDefinition = seen?.definition),
);

export const taskDefinition: ChapterStep<TutorialContext> = {
  ...newest,
  async inspect(context, run) {
    const planned = await newest.inspect(context, run);
    if (planned.changes.length > 0) context.facts.revisionDue = true;
    return planned;
  },
  remove: (context, run) => removeRevisions(working(context, run, outline.id), context.names.family),
};
