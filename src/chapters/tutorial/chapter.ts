// The first chapter: the tutorial's seven steps as a value.
import { tagValue } from '../../aws/ownership.ts';
import type { Priced } from '../../base/cost.ts';
import { tagKeys } from '../../base/names.ts';
import { loadTaskDefinition } from '../../document/task-definition-document.ts';
import { noService } from '../../resources/ecs/service.ts';
import { tasksUses } from '../../resources/ecs/tasks.ts';
import type { Chapter } from '../chapter.ts';
import { urlOf, verify } from './checks.ts';
import type { Facts, TutorialContext } from './context.ts';
import { foresee } from './foresight.ts';
import { namesByType, namesOf } from './names.ts';
import { outline, service } from './outline.ts';
import { preconditions } from './preconditions.ts';
import { managedPolicies } from './role.ts';
import { scaling } from './scaling.ts';
import { findTasks } from './tasks.ts';
import { resources } from './steps.ts';

export const tutorial: Chapter = {
  outline,
  resources,
  proof: verify,
  names: namesByType,
  managedPolicies,
  async prepare(settings) {
    const names = namesOf(settings.demo);
    const document = await loadTaskDefinition(settings, names.family);
    return (scope) => ({ ...scope, settings, names, document, facts: {} }) satisfies TutorialContext;
  },
  async foresee(context: TutorialContext, run, steps) {
    if (steps.some(({ id }) => id === service.id)) await foresee(context, run);
  },
  state(context: TutorialContext) {
    const { facts } = context;
    return {
      url: facts.loadBalancer === undefined ? null : (urlOf(context) ?? null),
      // Looked at, and not there: none.
      desired: 'service' in facts ? (facts.service?.desiredCount ?? 0) : null,
      running: 'service' in facts ? (facts.service?.runningCount ?? 0) : null,
      healthy: facts.targets?.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length ?? null,
      answer: facts.answer ?? null,
      checks: facts.checks ?? [],
      expiresAt: tagValue(facts.cluster?.tags, tagKeys.expiresAt) ?? null,
      priced: pricedOf(facts),
    };
  },
  refuseAbsent({ facts, names }: TutorialContext) {
    if (facts.service === undefined) throw noService({ name: names.service, cluster: names.cluster });
  },
  scaling,
  tasks: { uses: tasksUses.look, find: findTasks },
  preconditions,
};

function pricedOf(facts: Facts): Priced | null {
  if (facts.instances === undefined || !('loadBalancer' in facts)) return null;
  const { instances, loadBalancer } = facts;
  return {
    instanceTypes: instances.map(({ InstanceType }) => InstanceType ?? ''),
    loadBalancerSubnets: loadBalancer === undefined ? [] : [loadBalancer.AvailabilityZones?.length ?? 0],
  };
}
