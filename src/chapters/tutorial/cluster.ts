// Step 1, the cluster.
import { cluster as kind } from '../../resources/ecs/cluster.ts';
import { single } from '../single.ts';
import type { TutorialContext } from './context.ts';
import { cluster as outline } from './outline.ts';

export const cluster = single(
  { ...outline, needs: [] },
  kind,
  ({ names, settings: { instances, ttlMs } }: TutorialContext) => ({
    name: names.cluster,
    instances,
    ttlMs,
    services: [names.service],
  }),
  ({ facts }, seen) => (facts.cluster = seen),
);
