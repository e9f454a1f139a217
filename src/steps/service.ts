// Step 4 and step 6: the service that keeps the tasks running behind the load balancer, and its number of tasks.
// Knows nothing of how it settles: see settle.ts.
import { createHash } from 'node:crypto';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  type LoadBalancer,
  type Service,
  TagResourceCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { ignoreAbsent, isNotIdempotent, transient } from '../aws/faults.ts';
import { claim, isOurs, isRemovable, tagValue, toEcsTags } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { tagKeys } from '../base/names.ts';
import { readTemplate } from '../base/package-root.ts';
import { defaults } from '../base/settings.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, fact, type StepContext } from './context.ts';
import { observeService, observeTargets, presentOf, primaryOf, waitSettled } from './settle.ts';

const id = 'service';
const type = 'AWS::ECS::Service';

const redeploy = 'a new deployment in place of the failed one';

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
  return claim(
    { type, name: names.service, id: service.serviceArn ?? '', tags: service.tags },
    names.demo,
    settings.adopt,
  );
}

/** What UpdateService is given, besides whose service it is. */
type UpdateMembers = Omit<UpdateServiceCommandInput, 'cluster' | 'service'>;

/** Where the service registers its tasks. */
function balancersOf({ facts, document }: StepContext): LoadBalancer[] {
  const targetGroupArn = facts.targetGroup?.TargetGroupArn;
  return [{ targetGroupArn, containerName: document.containerName, containerPort: document.containerPort }];
}

/** False also when the target group does not exist: the one that `up` makes will be another. */
function servesTargetGroup(context: StepContext, service: Service): boolean {
  const [wanted] = balancersOf(context);
  const [has, ...more] = service.loadBalancers ?? [];
  if (wanted?.targetGroupArn === undefined || has?.targetGroupArn !== wanted.targetGroupArn || more.length > 0)
    return false;
  // Which container answers is a matter of the document that `up` was told, which looking on does not know.
  if (context.looking) return true;
  return has.containerName === wanted.containerName && has.containerPort === wanted.containerPort;
}

/** What UpdateService would change, with the words for it. A desired count set by `scale` is not a difference. */
export function differences(context: StepContext, service: Service): { words: string[]; update: UpdateMembers } {
  const { settings, facts } = context;
  const wanted = template();
  const words: string[] = [];
  const update: UpdateMembers = {};
  const definition = facts.taskDefinition?.taskDefinitionArn;
  if (definition !== undefined && service.taskDefinition !== definition) {
    words.push(`task definition ${shortName(service.taskDefinition)} → ${shortName(definition)}`);
    update.taskDefinition = definition;
  } else if (facts.revisionDue === true) {
    words.push(`task definition ${shortName(service.taskDefinition)} → the new revision`);
  }
  if (!servesTargetGroup(context, service)) {
    words.push('target group, container or port');
    update.loadBalancers = balancersOf(context);
  }
  if (settings.count !== undefined && service.desiredCount !== settings.count) {
    words.push(`desired count ${service.desiredCount} → ${settings.count}`);
    update.desiredCount = settings.count;
  }
  const { minimumHealthyPercent, maximumPercent, deploymentCircuitBreaker } = service.deploymentConfiguration ?? {};
  const configured = wanted.deploymentConfiguration;
  if (
    minimumHealthyPercent !== configured.minimumHealthyPercent ||
    maximumPercent !== configured.maximumPercent ||
    deploymentCircuitBreaker?.enable !== configured.deploymentCircuitBreaker.enable ||
    deploymentCircuitBreaker.rollback !== configured.deploymentCircuitBreaker.rollback
  ) {
    words.push('deployment configuration');
    update.deploymentConfiguration = configured;
  }
  if (service.healthCheckGracePeriodSeconds !== wanted.healthCheckGracePeriodSeconds) {
    words.push(
      `health check grace period ${service.healthCheckGracePeriodSeconds} s → ${wanted.healthCheckGracePeriodSeconds} s`,
    );
    update.healthCheckGracePeriodSeconds = wanted.healthCheckGracePeriodSeconds;
  }
  if (primaryOf(service)?.rolloutState === 'FAILED') {
    words.push(redeploy);
    update.forceNewDeployment = true;
  }
  return { words, update };
}

function shortName(arn: string | undefined): string {
  return (arn ?? '').slice((arn ?? '').lastIndexOf('/') + 1);
}

function countOf({ settings }: StepContext): number {
  return settings.count ?? defaults.count;
}

function tasksText(count: number): string {
  return `${count} ${count === 1 ? 'task' : 'tasks'}`;
}

async function inspect(context: StepContext): Promise<Inspection> {
  const { names } = context;
  const [service] = await Promise.all([observeService(context), observeTargets(context)]);
  const resources = [toResource(context, service)];
  if (service === undefined || service.status === 'DRAINING') {
    const detail = tasksText(countOf(context));
    return { resources, changes: [{ step: id, action: 'create', type, name: names.service, detail }] };
  }
  const changes: Change[] = [];
  if (mayWeUse(context, service) === 'adopt')
    changes.push({ step: id, action: 'update', type, name: names.service, detail: 'take it over by tagging it' });
  for (const detail of differences(context, service).words)
    changes.push({ step: id, action: 'update', type, name: names.service, detail });
  return { resources, changes };
}

/** @returns false when another run was faster and what it made must be looked at. */
async function create(context: StepContext, run: StepRun): Promise<boolean> {
  const { aws, names, tags, facts } = context;
  const desiredCount = countOf(context);
  const generation = tagValue(fact(context, 'cluster').tags, tagKeys.generation) ?? '';
  const targetGroupArn = fact(context, 'targetGroup').TargetGroupArn ?? '';
  const taskDefinition = facts.taskDefinition?.taskDefinitionArn ?? names.family;
  // Two runs at once send the same token and get one service. It must differ when the parameters do, and after a
  // deletion, lest it be answered with the service that is gone (or, DRAINING, about to be).
  const before = facts.service?.createdAt ?? facts.deletedService?.createdAt;
  const seed = JSON.stringify([generation, targetGroupArn, taskDefinition, desiredCount, before]);
  const clientToken = createHash('sha256').update(seed).digest('hex').slice(0, 36);
  return run.retry({
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
            desiredCount,
            loadBalancers: balancersOf(context),
            clientToken,
            tags: toEcsTags(tags),
            ...template(),
          }),
        );
        changed(run, id, 'create', type, names.service, tasksText(desiredCount));
        return true;
      } catch (error) {
        if (!isNotIdempotent(error)) throw error;
        return false;
      }
    },
  });
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names, tags } = context;
  // Observe.
  let service = await observeService(context);
  const since = presentOf(service);
  const seen = new Set((service?.events ?? []).map((event) => event.id ?? ''));
  let untouched = true;
  // Ensure.
  if (service === undefined || service.status === 'DRAINING') {
    untouched = false;
    service = (await create(context, run)) ? undefined : await observeService(context);
  }
  // Sync.
  let replaced: string | undefined;
  let sent: UpdateMembers = {};
  if (service !== undefined) {
    if (mayWeUse(context, service) === 'adopt') {
      await aws.ecs.send(new TagResourceCommand({ resourceArn: service.serviceArn, tags: toEcsTags(tags) }));
      changed(run, id, 'update', type, names.service, 'taken over by tagging it');
    }
    const { words, update } = differences(context, service);
    if (words.length > 0) {
      await aws.ecs.send(new UpdateServiceCommand({ cluster: names.cluster, service: names.service, ...update }));
      untouched = false;
      sent = update;
      if (update.forceNewDeployment === true) replaced = primaryOf(service)?.id;
      changed(run, id, 'update', type, names.service, words.join(', '));
    }
  }
  const settled = await waitSettled(context, run, {
    since,
    seen,
    typicalMs: 90_000,
    agrees: (now) =>
      (sent.taskDefinition === undefined || now.taskDefinition === sent.taskDefinition) &&
      (sent.desiredCount === undefined || now.desiredCount === sent.desiredCount),
    replaced,
    ...(untouched && service !== undefined ? { first: service } : {}),
  });
  // Return.
  return [{ ...toResource(context, settled), owned: true }];
}

/**
 * Sets the desired count and waits until so many tasks run and are healthy. The same number again changes nothing.
 * @param known the service as it was read just now; absent: it is read
 * @throws EcsdemoError `demo-absent` when there is no service.
 */
export async function scaleService(
  context: StepContext,
  run: StepRun,
  count: number,
  known?: Service,
): Promise<Service> {
  const { aws, names } = context;
  const service = known ?? (await observeService(context));
  if (service === undefined || service.status !== 'ACTIVE') {
    throw new EcsdemoError('demo-absent', `there is no service "${names.service}" in the cluster "${names.cluster}"`, {
      suggestions: ['ecsdemo up'],
    });
  }
  mayWeUse(context, service);
  const since = presentOf(service);
  const seen = new Set((service.events ?? []).map((event) => event.id ?? ''));
  if (service.desiredCount !== count) {
    await aws.ecs.send(
      new UpdateServiceCommand({ cluster: names.cluster, service: names.service, desiredCount: count }),
    );
    changed(run, id, 'update', type, names.service, `desired count ${service.desiredCount} → ${count}`);
  }
  return waitSettled(context, run, { since, seen, typicalMs: 40_000, agrees: (now) => now.desiredCount === count });
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names, settings } = context;
  const service = await observeService(context);
  if (service === undefined) return { removed: [], kept: [] };
  const resource = toResource(context, service);
  if (!isRemovable(service.tags, names.demo, settings.adopt))
    return { removed: [], kept: [{ ...resource, reason: `it does not carry the tag of the demo ${names.demo}` }] };
  if (service.status !== 'DRAINING') {
    await aws.ecs
      .send(new DeleteServiceCommand({ cluster: names.cluster, service: names.service, force: true }))
      .catch(ignoreAbsent);
  }
  // Its tasks drain while load balancer and instance go: nobody needs to wait for them.
  run.handOver();
  await run.wait({
    what: `the service ${names.service} to be INACTIVE`,
    typicalMs: 30_000,
    look: async () => {
      const now = await observeService(context);
      return now === undefined
        ? { done: true, value: undefined }
        : { done: false, state: `${now.status}, ${now.runningCount} tasks running` };
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
