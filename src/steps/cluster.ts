// Step 1, the cluster: the logical group that container instances join.
// Its generation tag, set by whoever creates it first, seeds the client tokens of what must not be made twice.
import { randomBytes } from 'node:crypto';
import {
  type Cluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterContainerInstanceCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  paginateListServices,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import { ignoreAbsent, isNotIdempotent, orAbsent, transient } from '../aws/faults.ts';
import { claim, isOurs, isRemovable, tagValue, toEcsTags } from '../aws/ownership.ts';
import { tagKeys } from '../base/names.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { describeMembers, instancesById } from './container-instances.ts';
import { absent, changed, type StepContext } from './context.ts';

const id = 'cluster';
const type = 'AWS::ECS::Cluster';

/** An INACTIVE cluster is a deleted one that can still be described (aws-facts §1.9). */
async function observe({ aws, names, facts }: StepContext): Promise<Cluster | undefined> {
  const found = await aws.ecs.send(new DescribeClustersCommand({ clusters: [names.cluster], include: ['TAGS'] }));
  const cluster = found.clusters?.find(({ status }) => status !== 'INACTIVE');
  if (cluster === undefined) delete facts.cluster;
  else facts.cluster = cluster;
  return cluster;
}

function toResource({ names }: StepContext, cluster: Cluster | undefined): Resource {
  if (cluster === undefined) return absent(id, type, names.cluster);
  return {
    step: id,
    type,
    name: names.cluster,
    id: cluster.clusterArn ?? '',
    state: cluster.status ?? 'present',
    owned: isOurs(cluster.tags, names.demo),
  };
}

/**
 * Tags that a cluster of ours lacks or has otherwise: the generation, how many instances `--instances` asks for, and
 * the expiry. The cluster's expiry is the demo's; it is only moved by another --ttl, not by the minutes between two runs.
 */
function missingTags(
  { settings, tags: wanted }: StepContext,
  { tags }: Cluster,
): { key: string; value: string; words: string }[] {
  const missing: { key: string; value: string; words: string }[] = [];
  const generation = tagValue(tags, tagKeys.generation);
  if (generation === undefined) missing.push({ ...newGeneration(), words: 'generation tag restored' });
  const count = settings.instances?.toString();
  if (count !== undefined && (tagValue(tags, tagKeys.instances) ?? '1') !== count) {
    missing.push({ key: tagKeys.instances, value: count, words: `container instances ${count}` });
  }
  const now = tagValue(tags, tagKeys.expiresAt);
  const expiry = tagValue(wanted, tagKeys.expiresAt);
  const apart = expiry === undefined ? 0 : Math.abs(Date.parse(expiry) - Date.parse(now ?? ''));
  // What cannot be read as a time differs as well: NaN is not within the tolerance.
  if (expiry !== undefined && !(apart <= (settings.ttlMs ?? 0) / 20)) {
    missing.push({ key: tagKeys.expiresAt, value: expiry, words: `expiry ${now ?? 'none'} → ${expiry}` });
  }
  return missing;
}

function newGeneration(): { key: string; value: string } {
  return { key: tagKeys.generation, value: randomBytes(8).toString('hex') };
}

function mayWeUse({ names, settings }: StepContext, cluster: Cluster): 'ours' | 'adopt' {
  return claim(
    { type, name: names.cluster, id: cluster.clusterArn ?? '', tags: cluster.tags },
    names.demo,
    settings.adopt,
  );
}

async function inspect(context: StepContext): Promise<Inspection> {
  const cluster = await observe(context);
  const { names } = context;
  const resources = [toResource(context, cluster)];
  if (cluster === undefined) return { resources, changes: [{ step: id, action: 'create', type, name: names.cluster }] };
  const update = (detail: string): Change => ({ step: id, action: 'update', type, name: names.cluster, detail });
  if (mayWeUse(context, cluster) === 'adopt') return { resources, changes: [update('take it over by tagging it')] };
  return { resources, changes: missingTags(context, cluster).map(({ words }) => update(words)) };
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names, tags } = context;
  // Observe.
  let cluster = await observe(context);
  // Ensure.
  if (cluster === undefined) {
    await run.retry({
      what: `creating the cluster ${names.cluster}`,
      limitMs: 120_000,
      transient: transient.serviceLinkedRole,
      attempt: async () => {
        try {
          await aws.ecs.send(
            new CreateClusterCommand({
              clusterName: names.cluster,
              settings: [{ name: 'containerInsights', value: 'disabled' }],
              tags: [
                ...toEcsTags(tags),
                ...missingTags(context, { tags: toEcsTags(tags) }).map(({ key, value }) => ({ key, value })),
              ],
            }),
          );
          changed(run, id, 'create', type, names.cluster);
        } catch (error) {
          if (!isNotIdempotent(error)) throw error;
        }
      },
    });
    // Looked at again, because another run may have created it: its generation counts, not ours.
    cluster = await run.wait({
      what: `the cluster ${names.cluster} to be ACTIVE`,
      limitMs: 600_000,
      look: async () => {
        const seen = await observe(context);
        return seen?.status === 'ACTIVE'
          ? { done: true, value: seen }
          : { done: false, state: seen?.status ?? 'not listed' };
      },
    });
  }
  // Sync.
  const taken = mayWeUse(context, cluster);
  const missing = missingTags(context, cluster);
  if (taken === 'adopt' || missing.length > 0) {
    const added = [...(taken === 'adopt' ? toEcsTags(tags) : []), ...missing.map(({ key, value }) => ({ key, value }))];
    const keys = new Set(added.map(({ key }) => key));
    // A key may be sent only once: an adopted cluster gets its expiry from both lists.
    const unique = [...keys].map((key) => ({ key, value: tagValue(added, key) ?? '' }));
    await aws.ecs.send(new TagResourceCommand({ resourceArn: cluster.clusterArn, tags: unique }));
    changed(
      run,
      id,
      'update',
      type,
      names.cluster,
      taken === 'adopt' ? 'taken over by tagging it' : missing.map(({ words }) => words).join(', '),
    );
    cluster = { ...cluster, tags: [...(cluster.tags ?? []).filter(({ key }) => !keys.has(key ?? '')), ...unique] };
  }
  // Return.
  context.facts.cluster = cluster;
  return [toResource(context, cluster)];
}

/** Services of the cluster without our tag; ListServices leaves DRAINING ones out, which go by themselves. */
async function foreignServices({ aws, names, settings }: StepContext): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListServices({ client: aws.ecs, pageSize: 100 }, { cluster: names.cluster })) {
    arns.push(...(page.serviceArns ?? []));
  }
  const foreign: string[] = [];
  // Ten at a time is the most the call takes.
  for (let at = 0; at < arns.length; at += 10) {
    const described = await aws.ecs.send(
      new DescribeServicesCommand({ cluster: names.cluster, services: arns.slice(at, at + 10), include: ['TAGS'] }),
    );
    for (const { serviceName, tags } of described.services ?? []) {
      const own = serviceName === names.service && isRemovable(tags, names.demo, settings.adopt);
      if (!own && !isOurs(tags, names.demo)) foreign.push(serviceName ?? '');
    }
  }
  return foreign;
}

/**
 * EC2 instances that joined the cluster and are not this demo's: they would hold it for ever. A registration whose
 * instance EC2 does not know any more is nobody's, and is taken away.
 */
async function foreignInstances(context: StepContext): Promise<string[]> {
  const { aws, names } = context;
  const members = await describeMembers(context);
  const byId = await instancesById(
    context,
    members.map(({ ec2InstanceId }) => ec2InstanceId ?? ''),
  );
  const foreign: string[] = [];
  for (const { ec2InstanceId = '', containerInstanceArn, agentConnected } of members) {
    const instance = byId.get(ec2InstanceId);
    if (isOurs(instance?.Tags, names.demo)) continue;
    if (instance === undefined && agentConnected !== true && ec2InstanceId.startsWith('i-')) {
      await aws.ecs
        .send(
          new DeregisterContainerInstanceCommand({
            cluster: names.cluster,
            containerInstance: containerInstanceArn,
            force: true,
          }),
        )
        .catch(ignoreAbsent);
    } else foreign.push(ec2InstanceId);
  }
  return foreign;
}

/** Why the cluster cannot go although it is ours; undefined: nothing of anybody else's is in it. */
async function foreignContent(context: StepContext, cluster: Cluster): Promise<string | undefined> {
  const services = (cluster.activeServicesCount ?? 0) > 0 ? await foreignServices(context) : [];
  if (services.length > 0) return `it holds services that are not this demo's: ${services.join(', ')}`;
  const instances = (cluster.registeredContainerInstancesCount ?? 0) > 0 ? await foreignInstances(context) : [];
  return instances.length === 0
    ? undefined
    : `it holds container instances that are not this demo's: ${instances.join(', ')}`;
}

/**
 * What of the demo's own is in the cluster and not on its way out, in words. Destroy has taken away service and
 * instances before: what is there now came after, or would not go, and waiting for it would take the whole time.
 */
async function stayingContent(context: StepContext): Promise<string | undefined> {
  const { aws, names } = context;
  const [services, members] = await Promise.all([
    orAbsent(aws.ecs.send(new DescribeServicesCommand({ cluster: names.cluster, services: [names.service] }))),
    describeMembers(context),
  ]);
  if (services?.services?.some(({ status }) => status === 'ACTIVE') === true)
    return `the service ${names.service} is ACTIVE in it, or again`;
  const byId = await instancesById(
    context,
    members.map(({ ec2InstanceId }) => ec2InstanceId ?? ''),
  );
  const staying = [...byId].find(([, { State }]) => !['shutting-down', 'terminated'].includes(State?.Name ?? ''));
  return staying === undefined
    ? undefined
    : `the instance ${staying[0]} is ${staying[1].State?.Name ?? 'there'} and registered with it`;
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names, settings } = context;
  const cluster = await observe(context);
  if (cluster === undefined) return { removed: [], kept: [] };
  const resource = toResource(context, cluster);
  if (!isRemovable(cluster.tags, names.demo, settings.adopt)) {
    return { removed: [], kept: [{ ...resource, reason: `it does not carry the tag of the demo ${names.demo}` }] };
  }
  const reason = await foreignContent(context, cluster);
  if (reason !== undefined) return { removed: [], kept: [{ ...resource, reason }] };
  const user = await run.retry({
    what: `deleting the cluster ${names.cluster}`,
    limitMs: 600_000,
    transient: transient.clusterInUse,
    attempt: async () => {
      try {
        await aws.ecs.send(new DeleteClusterCommand({ cluster: names.cluster })).catch(ignoreAbsent);
        return undefined;
      } catch (error) {
        const staying = transient.clusterInUse(error) === undefined ? undefined : await stayingContent(context);
        if (staying === undefined) throw error;
        return staying;
      }
    },
  });
  if (user !== undefined) return { removed: [], kept: [{ ...resource, reason: user }] };
  changed(run, id, 'delete', type, names.cluster);
  return { removed: [{ ...resource, state: 'deleted' }], kept: [] };
}

export const cluster: Step<StepContext> = { id, title: 'Cluster', tutorialStep: 1, needs: [], inspect, ensure, remove };
