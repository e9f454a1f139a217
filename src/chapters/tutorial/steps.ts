// The steps that make the tutorial's resources, in the order people are shown.
import type { ChapterStep } from '../chapter.ts';
import { cluster } from './cluster.ts';
import type { TutorialContext } from './context.ts';
import { instance } from './instance.ts';
import { loadBalancer } from './load-balancer.ts';
import { network } from './network.ts';
import { role } from './role.ts';
import { service } from './service.ts';
import { taskDefinition } from './task-definition.ts';

export const resources: readonly ChapterStep<TutorialContext>[] = [
  network,
  role,
  cluster,
  instance,
  taskDefinition,
  loadBalancer,
  service,
];
