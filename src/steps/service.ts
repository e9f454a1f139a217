// Step 4 and step 6: the service that keeps the tasks running behind the load balancer, and its number of tasks.
// Settled means more than ECS's own "stable": the rollout is complete and every target is healthy.
import { createHash } from 'node:crypto';
import { CreateServiceCommand, DeleteServiceCommand, DescribeServicesCommand, type Service, TagResourceCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand, type TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { findCause, gather, toError } from '../aws/diagnosis.ts';
import { isNotFound, isNotIdempotent, transient } from '../aws/faults.ts';
import { claim, isOurs, tagValue, toEcsTags } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { tagKeys } from '../base/names.ts';
import { readTemplate } from '../base/package-root.ts';
import type { Change, Inspection, Observation, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, fact, type StepContext } from './context.ts';

const id = 'service';
const type = 'AWS::ECS::Service';

interface ServiceTemplate {
  launchType: 'EC2';
  deploymentConfiguration: {
    minimumHealthyPercent: number;
    maximumPercent: number;
    deploymentCircuitBreaker: { enable: boolean; rollback: boolean };
  };
  healthCheckGracePeriodSeconds: number;
  availabilityZoneRebalancing: 'ENABLED' | 'DISABLED';
  propagateTags: 'SERVICE';
  enableECSManagedTags: boolean;
}

function template(): ServiceTemplate {
  return JSON.parse(readTemplate('service.json')) as ServiceTemplate;
}

/** DescribeServices, since ListServices hides DRAINING services (aws-facts §4). INACTIVE is gone. */
async function observe({ aws, names, facts }: StepContext): Promise<Service | undefined> {
  try {
    const found = await aws.ecs.send(new DescribeServicesCommand({ cluster: names.cluster, services: [names.service], include: ['TAGS'] }));
    const service = found.services?.find(({ status }) => status !== 'INACTIVE');
    if (service === undefined) {
      delete facts.service;
      const [deleted] = found.services ?? [];
      if (deleted !== undefined) facts.deletedService = deleted;
    } else facts.service = service;
    return service;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function observeTargets({ aws, facts }: StepContext): Promise<TargetHealthDescription[]> {
  const arn = facts.targetGroup?.TargetGroupArn;
  if (arn === undefined) return [];
  try {
    const found = await aws.elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
    facts.targets = found.TargetHealthDescriptions ?? [];
    return facts.targets;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

function toResource({ names }: StepContext, service: Service | undefined): Resource {
  if (service === undefined) return absent(id, type, names.service);
  return {
    step: id,
    type,
    name: names.service,
    id: service.serviceArn ?? '',
    state: service.status ?? 'present',
    owned: isOurs(service.tags, names.demo),
  };
}

function mayWeUse({ names, settings }: StepContext, service: Service): 'ours' | 'adopt' {
  return claim({ type, name: names.service, id: service.serviceArn ?? '', tags: service.tags }, names.demo, settings.adopt);
}

/** What UpdateService would change, with the words for it. A desired count set by `scale` is not a difference. */
function differences({ settings, facts }: StepContext, service: Service): { words: string[]; update: Record<string, unknown> } {
  const wanted = template();
  const words: string[] = [];
  const update: Record<string, unknown> = {};
  const definition = facts.taskDefinition?.taskDefinitionArn;
  if (definition !== undefined && service.taskDefinition !== definition) {
    words.push(`task definition ${shortName(service.taskDefinition)} → ${shortName(definition)}`);
    update['taskDefinition'] = definition;
  }
  if (settings.given.includes('count') && service.desiredCount !== settings.count) {
    words.push(`desired count ${service.desiredCount} → ${settings.count}`);
    update['desiredCount'] = settings.count;
  }
  const { minimumHealthyPercent, maximumPercent, deploymentCircuitBreaker } = service.deploymentConfiguration ?? {};
  const configured = wanted.deploymentConfiguration;
  if (
    minimumHealthyPercent !== configured.minimumHealthyPercent ||
    maximumPercent !== configured.maximumPercent ||
    deploymentCircuitBreaker?.enable !== configured.deploymentCircuitBreaker.enable
  ) {
    words.push('deployment configuration');
    update['deploymentConfiguration'] = configured;
  }
  if (service.healthCheckGracePeriodSeconds !== wanted.healthCheckGracePeriodSeconds) {
    words.push(`health check grace period ${service.healthCheckGracePeriodSeconds} s → ${wanted.healthCheckGracePeriodSeconds} s`);
    update['healthCheckGracePeriodSeconds'] = wanted.healthCheckGracePeriodSeconds;
  }
  const failed = service.deployments?.some(({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'FAILED') ?? false;
  if (failed) {
    words.push('a new deployment in place of the failed one');
    update['forceNewDeployment'] = true;
  }
  return { words, update };
}

function shortName(arn: string | undefined): string {
  return (arn ?? '').slice((arn ?? '').lastIndexOf('/') + 1);
}

async function inspect(context: StepContext): Promise<Inspection> {
  const { names, settings } = context;
  const [service] = await Promise.all([observe(context), observeTargets(context)]);
  const resources = [toResource(context, service)];
  if (service === undefined || service.status === 'DRAINING') {
    const tasks = `${settings.count} ${settings.count === 1 ? 'task' : 'tasks'}`;
    return { resources, changes: [{ step: id, action: 'create', type, name: names.service, detail: tasks }] };
  }
  const changes: Change[] = [];
  if (mayWeUse(context, service) === 'adopt') changes.push({ step: id, action: 'update', type, name: names.service, detail: 'take it over by tagging it' });
  for (const detail of differences(context, service).words) changes.push({ step: id, action: 'update', type, name: names.service, detail });
  return { resources, changes };
}

async function create(context: StepContext, run: StepRun): Promise<void> {
  const { aws, names, settings, document, tags, facts } = context;
  const generation = tagValue(fact(context, 'cluster').tags, tagKeys.generation) ?? '';
  const targetGroupArn = fact(context, 'targetGroup').TargetGroupArn ?? '';
  const taskDefinition = facts.taskDefinition?.taskDefinitionArn ?? names.family;
  // Two runs at once send the same token and get one service. It must differ when the parameters do, and after a
  // deletion, lest it be answered with the service that is gone.
  const seed = JSON.stringify([generation, targetGroupArn, taskDefinition, settings.count, facts.deletedService?.createdAt]);
  const clientToken = createHash('sha256').update(seed).digest('hex').slice(0, 36);
  await run.retry({
    what: `creating the service ${names.service}`,
    limitMs: 420_000,
    transient: transient.newService,
    attempt: async () => {
      try {
        await aws.ecs.send(
          new CreateServiceCommand({
            cluster: names.cluster,
            serviceName: names.service,
            taskDefinition,
            desiredCount: settings.count,
            loadBalancers: [{ targetGroupArn, containerName: document.containerName, containerPort: document.containerPort }],
            clientToken,
            tags: toEcsTags(tags),
            ...template(),
          }),
        );
        const tasks = `${settings.count} ${settings.count === 1 ? 'task' : 'tasks'}`;
        changed(run, id, 'create', type, names.service, tasks);
      } catch (error) {
        if (!isNotIdempotent(error)) throw error;
      }
    },
  });
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names, tags } = context;
  const since = Date.now();
  // Observe.
  let service = await observe(context);
  const seen = new Set((service?.events ?? []).map((event) => event.id ?? ''));
  let untouched = true;
  // Ensure.
  if (service === undefined || service.status === 'DRAINING') {
    await create(context, run);
    untouched = false;
    service = await observe(context);
  }
  // Sync.
  if (service !== undefined) {
    if (mayWeUse(context, service) === 'adopt') {
      await aws.ecs.send(new TagResourceCommand({ resourceArn: service.serviceArn, tags: toEcsTags(tags) }));
      changed(run, id, 'update', type, names.service, 'taken over by tagging it');
    }
    const { words, update } = differences(context, service);
    if (words.length > 0) {
      await aws.ecs.send(new UpdateServiceCommand({ cluster: names.cluster, service: names.service, ...update }));
      untouched = false;
      changed(run, id, 'update', type, names.service, words.join(', '));
    }
  }
  const settled = await waitSettled(context, run, { since, seen, typicalMs: 90_000, ...(untouched && service !== undefined ? { first: service } : {}) });
  // Return.
  return [{ ...toResource(context, settled), owned: true }];
}

interface SettleOptions {
  /** Failures older than this are history; milliseconds since the epoch. */
  since: number;
  /** Ids of the service events that were there before. */
  seen: Set<string>;
  typicalMs: number;
  /** What was read just now and not changed since: the first look need not ask again. */
  first?: Service;
}

/** Waits until the rollout is complete, exactly the desired tasks run, and as many targets are healthy. */
async function waitSettled(context: StepContext, run: StepRun, { since, seen, typicalMs, first }: SettleOptions): Promise<Service> {
  const { aws, names } = context;
  // ECS's clock is not ours: what is a little older still counts as now.
  const from = since - 5000;
  let placementLooks = 0;
  let failures = 0;
  let known = first;
  const look = async (): Promise<Observation<Service>> => {
    const [service, targets] = await Promise.all([known ?? observe(context), observeTargets(context)]);
    known = undefined;
    if (service === undefined) return { done: false, state: 'not listed' };
    tellEvents(run, service, seen);
    const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
    const desired = service.desiredCount ?? 0;
    const running = service.runningCount ?? 0;
    const deployments = service.deployments ?? [];
    const [primary] = deployments;
    const complete = deployments.length === 1 && (primary?.rolloutState ?? 'COMPLETED') === 'COMPLETED';
    const leaving = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'draining').length;
    if (complete && running === desired && (service.pendingCount ?? 0) === 0 && healthy === desired && targets.length - leaving === desired) {
      return { done: true, value: service };
    }
    // The stopped tasks are only asked for when something says that there are some.
    const failing = primary?.rolloutState === 'FAILED' || (primary?.failedTasks ?? 0) > failures || unhealthyEvent(service, from);
    failures = primary?.failedTasks ?? 0;
    const stuck = (service.events ?? []).some((event) => Number(event.createdAt ?? 0) >= from && /unable to place/.test(event.message ?? ''));
    placementLooks = stuck ? placementLooks + 1 : 0;
    if (failing || placementLooks >= 3) {
      const evidence = await gather(aws, names.cluster, service, targets, from);
      const cause = findCause(evidence);
      if (cause?.final === true) throw toError(cause, evidence);
    }
    const replacing = deployments.length > 1 ? ', replacing the old tasks' : '';
    return { done: false, state: `${running} of ${desired} tasks running, ${healthy} healthy${replacing}` };
  };
  return run.wait({
    what: `the service ${names.service} to settle`,
    typicalMs,
    look,
    diagnose: async () => {
      const service = context.facts.service;
      if (service === undefined) return [];
      const evidence = await gather(aws, names.cluster, service, context.facts.targets ?? [], from);
      const error = toError(findCause(evidence), evidence);
      return [error.message, ...error.diagnosis];
    },
  });
}

function unhealthyEvent(service: Service, from: number): boolean {
  return (service.events ?? []).some(({ createdAt, message }) => Number(createdAt ?? 0) >= from && /is unhealthy in/.test(message ?? ''));
}

/** Each event once, oldest first. */
function tellEvents(run: StepRun, service: Service, seen: Set<string>): void {
  for (const event of (service.events ?? []).toReversed()) {
    if (event.id === undefined || seen.has(event.id)) continue;
    seen.add(event.id);
    run.report({ type: 'service-event', step: id, at: event.createdAt ?? new Date(), message: event.message ?? '' });
  }
}

/**
 * Sets the desired count and waits until so many tasks run and are healthy. The same number again changes nothing.
 * @throws EcsdemoError `demo-absent` when there is no service.
 */
export async function scaleService(context: StepContext, run: StepRun, count: number): Promise<Service> {
  const { aws, names } = context;
  const since = Date.now();
  const service = await observe(context);
  if (service === undefined || service.status !== 'ACTIVE') {
    throw new EcsdemoError('demo-absent', `there is no service "${names.service}" in the cluster "${names.cluster}"`, {
      suggestions: [`ecsdemo up --name ${names.demo}`],
    });
  }
  mayWeUse(context, service);
  const seen = new Set((service.events ?? []).map((event) => event.id ?? ''));
  if (service.desiredCount !== count) {
    await aws.ecs.send(new UpdateServiceCommand({ cluster: names.cluster, service: names.service, desiredCount: count }));
    changed(run, id, 'update', type, names.service, `desired count ${service.desiredCount} → ${count}`);
  }
  return waitSettled(context, run, { since, seen, typicalMs: 40_000 });
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names } = context;
  const service = await observe(context);
  if (service === undefined) return { removed: [], kept: [] };
  const resource = toResource(context, service);
  if (!resource.owned) return { removed: [], kept: [{ ...resource, reason: `it does not carry the tag of the demo ${names.demo}` }] };
  if (service.status !== 'DRAINING') {
    try {
      await aws.ecs.send(new DeleteServiceCommand({ cluster: names.cluster, service: names.service, force: true }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  // Its tasks drain while load balancer and instance go: nobody needs to wait for them.
  run.handOver();
  await run.wait({
    what: `the service ${names.service} to be INACTIVE`,
    typicalMs: 30_000,
    look: async () => {
      const now = await observe(context);
      return now === undefined ? { done: true, value: undefined } : { done: false, state: `${now.status}, ${now.runningCount} tasks running` };
    },
  });
  changed(run, id, 'delete', type, names.service);
  return { removed: [{ ...resource, state: 'deleted' }], kept: [] };
}

export const service: Step<StepContext> = {
  id,
  title: 'Service',
  tutorialStep: 4,
  needs: ['cluster', 'instance', 'task-definition', 'load-balancer'],
  inspect,
  ensure,
  remove,
};
