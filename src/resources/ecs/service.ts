// A service: keeps tasks running behind a load balancer. Knows nothing of how it settles: see settle.ts.
import { counted } from '../../base/counted.ts';
import { createHash } from 'node:crypto';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  type LoadBalancer,
  type NetworkConfiguration,
  type Service,
  TagResourceCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { ignoreAbsent, isNotIdempotent, transient } from '../../aws/faults.ts';
import { toEcsTags } from '../../aws/ownership.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { readTemplate } from '../../base/package-root.ts';
import { present } from '../../base/present.ts';
import { claimed, type Difference, type Kind, type Named, raced, tell, type Work } from '../resource.ts';
import { isServed } from '../elbv2/look.ts';
import { type Needed, whileThere } from '../presence.ts';
import { isClusterThere } from './container-instances.ts';
import { describeService } from './describe-service.ts';
import { type Behind, presentOf, primaryOf, settleCalls, type Settling, waitSettled } from './settle.ts';

export interface WantedService extends Named, Settling {
  /** Seeds the client token: the cluster's generation. */
  generation: string;
  /** Family, or ARN of the revision; undefined: not known yet. */
  taskDefinition: { family: string; arn: string | undefined };
  /** True: how many tasks a deployment keeps and adds stays as somebody set it. */
  ownPercent?: boolean;
  /** True when `up` would register a new revision, which the service would then be told of. */
  revisionDue?: boolean | undefined;
  /** Of tasks with a network interface of their own: where, and in which security groups. Undefined: they have none, or nobody knows. */
  network?: { subnets: readonly string[]; securityGroups: readonly string[] } | undefined;
  /** How many tasks; undefined: as many as there are, and one to begin with. */
  count: number | undefined;
  /** When the service of that name before it was made, that is gone or on its way. */
  replaces?: Date | undefined;
}

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

/** ECS takes the grace period only for what a load balancer checks. */
function template({ behind }: WantedService): Omit<ServiceTemplate, 'healthCheckGracePeriodSeconds'> & {
  healthCheckGracePeriodSeconds?: number;
} {
  const { healthCheckGracePeriodSeconds, ...rest } = JSON.parse(readTemplate('service.json')) as ServiceTemplate;
  return behind === undefined ? rest : { ...rest, healthCheckGracePeriodSeconds };
}

/** The listener was made just now: where the target group is listed, that may not be seen at once. */
function listenerOf(at: Work, { targetGroupArn }: Behind): Needed {
  const isThere = async () => targetGroupArn === undefined || (await isServed(at, targetGroupArn));
  return { what: 'the listener of the target group', isThere, lagMs: 15_000 };
}

function balancersOf({ behind }: WantedService): LoadBalancer[] {
  return behind === undefined ? [] : [{ ...behind }];
}

/** Without a public address, which ECS gives no task on container instances of EC2. */
function networkOf({ network }: WantedService): NetworkConfiguration | undefined {
  if (network === undefined) return undefined;
  const { subnets, securityGroups } = network;
  return { awsvpcConfiguration: { subnets: [...subnets], securityGroups: [...securityGroups] } };
}

/** Where the service's tasks are to have their interfaces, as text. Order means nothing. */
function placesOf(configuration: NetworkConfiguration | undefined): string {
  const { subnets = [], securityGroups = [] } = configuration?.awsvpcConfiguration ?? {};
  return JSON.stringify([subnets.toSorted(), securityGroups.toSorted()]);
}

/** False also when the target group does not exist: the one that `up` makes will be another. */
function servesTargetGroup({ looking }: Work, wanted: WantedService, service: Service): boolean {
  const { behind } = wanted;
  const [has, ...more] = service.loadBalancers ?? [];
  if (behind === undefined) return has === undefined;
  if (behind.targetGroupArn === undefined || has?.targetGroupArn !== behind.targetGroupArn || more.length > 0)
    return false;
  // Which container answers is a matter of the document that `up` was told, which looking on does not know.
  return looking || (has.containerName === behind.containerName && has.containerPort === behind.containerPort);
}

function shortName(arn = ''): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** All in one UpdateService. A desired count set by `scale` is not a difference. */
function differences(at: Work, wanted: WantedService, service: Service): Difference<Service>[] {
  const { cluster, name, count, taskDefinition, ownPercent = false } = wanted;
  const { deploymentConfiguration, healthCheckGracePeriodSeconds } = template(wanted);
  const { minimumHealthyPercent, maximumPercent, deploymentCircuitBreaker } = service.deploymentConfiguration ?? {};
  const configured = ownPercent
    ? { ...deploymentConfiguration, minimumHealthyPercent, maximumPercent }
    : deploymentConfiguration;
  const update: Omit<UpdateServiceCommandInput, 'cluster' | 'service'> = {};
  const words: string[] = [];
  if (taskDefinition.arn !== undefined && service.taskDefinition !== taskDefinition.arn) {
    words.push(`task definition ${shortName(service.taskDefinition)} → ${shortName(taskDefinition.arn)}`);
    update.taskDefinition = taskDefinition.arn;
  } else if (wanted.revisionDue === true) {
    words.push(`task definition ${shortName(service.taskDefinition)} → the new revision`);
  }
  if (!servesTargetGroup(at, wanted, service)) {
    words.push('target group, container or port');
    update.loadBalancers = balancersOf(wanted);
  }
  const networkConfiguration = networkOf(wanted);
  if (networkConfiguration !== undefined && placesOf(networkConfiguration) !== placesOf(service.networkConfiguration)) {
    words.push('subnets or security groups of its tasks');
    update.networkConfiguration = networkConfiguration;
  }
  if (count !== undefined && service.desiredCount !== count) {
    words.push(`desired count ${service.desiredCount} → ${count}`);
    update.desiredCount = count;
  }
  // What ECS says of every service and this answer does not is unknown, and unknown is no difference.
  if (
    service.deploymentConfiguration !== undefined &&
    (minimumHealthyPercent !== configured.minimumHealthyPercent ||
      maximumPercent !== configured.maximumPercent ||
      deploymentCircuitBreaker?.enable !== configured.deploymentCircuitBreaker.enable ||
      deploymentCircuitBreaker.rollback !== configured.deploymentCircuitBreaker.rollback)
  ) {
    words.push('deployment configuration');
    update.deploymentConfiguration = configured;
  }
  // Only a service behind no load balancer has none.
  const grace = service.healthCheckGracePeriodSeconds ?? (service.loadBalancers?.length ? 'unknown' : 'none');
  if (healthCheckGracePeriodSeconds !== undefined && ![healthCheckGracePeriodSeconds, 'unknown'].includes(grace)) {
    const before = typeof grace === 'number' ? `${grace} s` : grace;
    words.push(`health check grace period ${before} → ${healthCheckGracePeriodSeconds} s`);
    update.healthCheckGracePeriodSeconds = healthCheckGracePeriodSeconds;
  }
  if (isFailed(service)) {
    words.push('a new deployment in place of the failed one');
    update.forceNewDeployment = true;
  }
  const apply = async () =>
    void (await at.aws.ecs.send(new UpdateServiceCommand({ cluster, service: name, ...update })));
  return words.map((each) => ({ words: each, apply }));
}

function isFailed(service: Service): boolean {
  return primaryOf(service)?.rolloutState === 'FAILED';
}

export const service: Kind<WantedService, Service> = {
  type: 'AWS::ECS::Service',
  uses: {
    look: ['ecs:DescribeServices'],
    inspect: ['elasticloadbalancing:DescribeTargetHealth'],
    make: ['ecs:CreateService', ...settleCalls],
    mend: ['ecs:UpdateService', ...settleCalls],
    adopt: ['ecs:TagResource'],
    remove: ['ecs:DeleteService'],
  },
  /** One that is DRAINING is as good as gone: another takes its place. */
  async find(at, wanted) {
    const found = await describeService(at, wanted);
    return found.service?.status === 'DRAINING' ? undefined : found.service;
  },
  view: ({ serviceArn = '', status, tags }) => ({ id: serviceArn, state: status, tags }),
  making: ({ count = 1 }) => `${count} ${count === 1 ? 'task' : 'tasks'}`,
  create(at, wanted) {
    const { aws, run, tags } = at;
    const { name, cluster, generation, behind, count = 1, replaces } = wanted;
    const definition = wanted.taskDefinition.arn ?? wanted.taskDefinition.family;
    // Two runs at once send the same token and get one service. It must differ when the parameters do, and after a
    // deletion, lest it be answered with the service that is gone (or, DRAINING, about to be).
    const networkConfiguration = networkOf(wanted);
    const seed = JSON.stringify([
      generation,
      behind?.targetGroupArn ?? '',
      definition,
      count,
      replaces,
      networkConfiguration,
    ]);
    const clientToken = createHash('sha256').update(seed).digest('hex').slice(0, 36);
    return run.retry({
      what: `creating the service ${name}`,
      limitMs: 420_000,
      transient: transient.newService,
      recheck: whileThere(
        { what: `cluster "${cluster}"`, isThere: () => isClusterThere(at, cluster) },
        ...(behind === undefined ? [] : [listenerOf(at, behind)]),
      ),
      attempt: async () => {
        try {
          const created = await aws.ecs.send(
            new CreateServiceCommand({
              cluster,
              serviceName: name,
              taskDefinition: definition,
              desiredCount: count,
              loadBalancers: balancersOf(wanted),
              ...present({ networkConfiguration }),
              clientToken,
              tags: toEcsTags(tags),
              ...template(wanted),
            }),
          );
          return created.service ?? {};
        } catch (error) {
          if (!isNotIdempotent(error)) throw error;
          return raced;
        }
      },
    });
  },
  async adopt({ aws, tags }, _, seen) {
    await aws.ecs.send(new TagResourceCommand({ resourceArn: seen.serviceArn, tags: toEcsTags(tags) }));
    return { ...seen, tags: [...(seen.tags ?? []), ...toEcsTags(tags)] };
  },
  differences,
  /** `seen` is the service before the update: what was sent is what it differed in. */
  settled(at, wanted, seen, before, untouched) {
    const { count, taskDefinition } = wanted;
    const sentDefinition = seen.taskDefinition === taskDefinition.arn ? undefined : taskDefinition.arn;
    const sentCount = seen.desiredCount === count ? undefined : count;
    return waitSettled(at, wanted, {
      since: presentOf(before),
      seen: eventsOf(before),
      typicalMs: 90_000,
      by: 'up',
      agrees: (now) =>
        (sentDefinition === undefined || now.taskDefinition === sentDefinition) &&
        (sentCount === undefined || now.desiredCount === sentCount),
      replaced: isFailed(seen) ? primaryOf(seen)?.id : undefined,
      first: untouched ? before : undefined,
    });
  },
  async remove({ aws, run }, wanted, { status, createdAt }) {
    const { cluster, name } = wanted;
    if (status !== 'DRAINING') {
      await aws.ecs.send(new DeleteServiceCommand({ cluster, service: name, force: true })).catch(ignoreAbsent);
    }
    // Its tasks drain while load balancer and instance go: nobody needs to wait for them.
    run.handOver();
    await run.wait({
      what: `the service ${name} to be INACTIVE`,
      typicalMs: 30_000,
      look: async () => {
        const { service: now } = await describeService({ aws }, wanted);
        // One that was made later is another's: an `up` beside this destroy. That it is there is the cluster's to tell.
        return now === undefined || Number(now.createdAt) !== Number(createdAt)
          ? { done: true, value: undefined }
          : { done: false, state: `${now.status}, ${counted(now.runningCount ?? 0, 'task')} running` };
      },
    });
    return undefined;
  },
};

function eventsOf(seen: Service | undefined): Set<string> {
  return new Set((seen?.events ?? []).map((event) => event.id ?? ''));
}

/**
 * Sets the desired count and waits until so many tasks run and are healthy. The same number again changes nothing.
 * @param known the service as it was read just now; undefined: it is read
 * @throws EcsdemoError `demo-absent` when there is no service.
 */
export async function setCount(at: Work, wanted: WantedService, count: number, known?: Service): Promise<Service> {
  const { cluster, name } = wanted;
  const seen = known ?? (await service.find(at, wanted));
  if (seen === undefined || seen.status !== 'ACTIVE') throw noService(wanted);
  claimed(service, at, wanted, seen);
  if (seen.desiredCount !== count) {
    await at.aws.ecs.send(new UpdateServiceCommand({ cluster, service: name, desiredCount: count }));
    tell(at, 'update', service.type, name, `desired count ${seen.desiredCount} → ${count}`);
  }
  return waitSettled(at, wanted, {
    since: presentOf(seen),
    seen: eventsOf(seen),
    typicalMs: 40_000,
    by: 'scale',
    agrees: (now) => now.desiredCount === count,
  });
}

export function noService({ name, cluster }: Pick<WantedService, 'name' | 'cluster'>): EcsdemoError {
  return new EcsdemoError('demo-absent', `there is no service "${name}" in the cluster "${cluster}"`, {
    suggestions: [{ command: 'up' }],
  });
}
