// Step 1, the cluster.
import type { Step } from '../../engine/types.ts';
import { cluster as kind, type WantedCluster } from '../../resources/ecs/cluster.ts';
import { converge, plan, remove, shown, working } from '../../resources/resource.ts';
import type { TutorialContext } from './context.ts';
import { cluster as outline } from './outline.ts';

function wish({ names, settings }: TutorialContext): WantedCluster {
  const { instances, ttlMs } = settings;
  return { name: names.cluster, instances, ttlMs, services: [names.service] };
}

export const cluster: Step<TutorialContext> = {
  ...outline,
  needs: [],
  async inspect(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wish(context);
    const seen = (context.facts.cluster = await kind.find(at, wanted));
    return plan(kind, at, wanted, seen);
  },
  async ensure(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wish(context);
    const seen = (context.facts.cluster = await kind.find(at, wanted));
    const made = (context.facts.cluster = await converge(kind, at, wanted, seen));
    return [shown(kind, at, wanted, made)];
  },
  async remove(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wish(context);
    const seen = (context.facts.cluster = await kind.find(at, wanted));
    return remove(kind, at, wanted, seen);
  },
};
