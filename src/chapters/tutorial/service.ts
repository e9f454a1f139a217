// Step 4, the service behind the load balancer; and step 6, as far as it changes the number of tasks.
import type { Service } from '@aws-sdk/client-ecs';
import { EcsdemoError } from '../../base/errors.ts';
import type { StepRun } from '../../engine/types.ts';
import { describeService } from '../../resources/ecs/describe-service.ts';
import { service as kind, setCount } from '../../resources/ecs/service.ts';
import { describeTargets } from '../../resources/ecs/settle.ts';
import { converge, plan, remove, shown, type Work, working } from '../../resources/resource.ts';
import type { ChapterStep } from '../chapter.ts';
import type { TutorialContext } from './context.ts';
import { takeForeseen } from './foresight.ts';
import { cluster, instance, loadBalancer, service as outline, taskDefinition } from './outline.ts';
import { wantedService } from './wanted-service.ts';

async function observe(context: TutorialContext): Promise<Service | undefined> {
  const { service, gone } =
    takeForeseen(context, 'service') ?? (await describeService(context, wantedService(context)));
  context.facts.service = service;
  if (gone !== undefined) context.facts.deletedService = gone;
  return service;
}

/** Nobody said which of several containers is the one that people visit. */
function tellChoice({ document }: TutorialContext, { run, step }: Work): void {
  const { containerName, containerPort, alternatives } = document;
  if (alternatives.length === 0) return;
  const others = alternatives.map((each) => `${each.containerName}:${each.containerPort}`).join(', ');
  run.report({
    type: 'warning',
    step,
    message: `the load balancer talks to ${containerName}:${containerPort}; --container and --container-port choose ${others} instead`,
  });
}

/** Where nobody said it, another container may be the one that people visit. */
function alsoChoice({ document }: TutorialContext, error: unknown): unknown {
  if (!(error instanceof EcsdemoError) || error.code !== 'target-unhealthy') return error;
  const choices = document.alternatives.map(({ containerName, containerPort }) => ({
    flags: { container: containerName, 'container-port': containerPort },
    note: 'if that is the one that people visit',
  }));
  error.suggestions = [...choices, ...error.suggestions];
  return error;
}

/** One that is on its way out is replaced. */
function lasting(seen: Service | undefined): Service | undefined {
  return seen?.status === 'DRAINING' ? undefined : seen;
}

export const service: ChapterStep<TutorialContext> = {
  ...outline,
  uses: kind.uses,
  needs: [cluster.id, instance.id, taskDefinition.id, loadBalancer.id],
  async inspect(context, run) {
    const { facts } = context;
    const at = working(context, run, outline.id);
    const [seen] = await Promise.all([
      observe(context),
      describeTargets(context, facts.targetGroup?.TargetGroupArn).then((targets) => (facts.targets = targets)),
    ]);
    if (context.settings.dryRun && lasting(seen) === undefined) tellChoice(context, at);
    const wanted = wantedService(context);
    const { changes } = plan(kind, at, wanted, lasting(seen));
    return { resources: [shown(kind, at, wanted, seen)], changes };
  },
  async ensure(context, run) {
    const at = working(context, run, outline.id);
    const seen = await observe(context);
    if (lasting(seen) === undefined) tellChoice(context, at);
    const wanted = wantedService(context);
    const settled = await converge(kind, at, wanted, lasting(seen)).catch((error: unknown) => {
      throw alsoChoice(context, error);
    });
    context.facts.service = settled;
    return [{ ...shown(kind, at, wanted, settled), owned: true }];
  },
  async remove(context, run) {
    const at = working(context, run, outline.id);
    const seen = await observe(context);
    return remove(kind, at, wantedService(context), seen);
  },
};

/** Brings the number of tasks to `count`. @param known the service as it was read just now; undefined: it is read */
export async function scaleService(
  context: TutorialContext,
  run: StepRun,
  count: number,
  known?: Service,
): Promise<Service> {
  const at = working(context, run, outline.id);
  return (context.facts.service = await setCount(at, wantedService(context), count, known));
}
