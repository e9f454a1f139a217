// The steps that make the tutorial's resources, in the order people are shown.
import type { Step } from '../../engine/types.ts';
import { cluster } from './cluster.ts';
import type { TutorialContext } from './context.ts';
import { instance } from './instance.ts';
import { loadBalancer } from './load-balancer.ts';
import { network } from './network.ts';
import { role } from './role.ts';
import { service } from './service.ts';
import { taskDefinition } from './task-definition.ts';

export const resources: readonly Step<TutorialContext>[] = [
  network,
  role,
  cluster,
  instance,
  taskDefinition,
  loadBalancer,
  service,
];
