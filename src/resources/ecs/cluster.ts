// A cluster: the logical group that container instances join.
// Its generation tag, set by whoever creates it first, seeds the client tokens of what must not be made twice.
import { randomBytes } from 'node:crypto';
import {
  type Cluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import { ignoreAbsent, isNotIdempotent, transient } from '../../aws/faults.ts';
import { isOurs, tagValue, toEcsTags } from '../../aws/ownership.ts';
import { tagKeys } from '../../base/names.ts';
import { type Kind, type Named, raced, type Work } from '../resource.ts';
import { contentCalls, foreignContent, stayingContent } from './cluster-content.ts';

export interface WantedCluster extends Named {
  /** How many container instances are asked for; undefined: nobody says. */
  instances: number | undefined;
  /** How long the demo may live, in milliseconds. Its expiry is only moved by another one, not by the minutes between runs. */
  ttlMs: number | undefined;
  /** Names of the demo's own services in it. */
  services: readonly string[];
}

interface EcsTag {
  key: string;
  value: string;
}

/** Tags that a cluster of ours lacks or has otherwise, with the words for it. */
function missingTags({ tags: ours }: Work, { instances, ttlMs = 0 }: WantedCluster, tags: Cluster['tags']) {
  const missing: (EcsTag & { words: string })[] = [];
  if (tagValue(tags, tagKeys.generation) === undefined) {
    missing.push({ key: tagKeys.generation, value: randomBytes(8).toString('hex'), words: 'generation tag restored' });
  }
  const count = String(instances);
  if (instances !== undefined && (tagValue(tags, tagKeys.instances) ?? '1') !== count) {
    missing.push({ key: tagKeys.instances, value: count, words: `container instances ${count}` });
  }
  const now = tagValue(tags, tagKeys.expiresAt);
  const expiry = tagValue(ours, tagKeys.expiresAt);
  const apart = expiry === undefined ? 0 : Math.abs(Date.parse(expiry) - Date.parse(now ?? ''));
  // What cannot be read as a time differs as well: NaN is not within the tolerance.
  if (expiry !== undefined && !(apart <= ttlMs / 20)) {
    missing.push({ key: tagKeys.expiresAt, value: expiry, words: `expiry ${now ?? 'none'} → ${expiry}` });
  }
  return missing;
}

/** Each key may be sent only once: an adopted cluster gets its expiry from two lists. */
async function tag({ aws }: Work, cluster: Cluster, tags: readonly EcsTag[]): Promise<Cluster> {
  const added = [...new Map(tags.map(({ key, value }) => [key, { key, value }])).values()];
  await aws.ecs.send(new TagResourceCommand({ resourceArn: cluster.clusterArn, tags: added }));
  const others = (cluster.tags ?? []).filter(({ key }) => !added.some((each) => each.key === key));
  return { ...cluster, tags: [...others, ...added] };
}

export const cluster: Kind<WantedCluster, Cluster> = {
  type: 'AWS::ECS::Cluster',
  uses: {
    look: ['ecs:DescribeClusters'],
    make: ['ecs:CreateCluster'],
    mend: ['ecs:TagResource'],
    adopt: ['ecs:TagResource'],
    remove: ['ecs:DeleteCluster', ...contentCalls],
    resize: ['ecs:TagResource'],
  },
  /** An INACTIVE cluster is a deleted one that can still be described (aws-facts §1.9). */
  async find({ aws }, { name }) {
    const found = await aws.ecs.send(new DescribeClustersCommand({ clusters: [name], include: ['TAGS'] }));
    return found.clusters?.find(({ status }) => status !== 'INACTIVE');
  },
  view: ({ clusterArn = '', status, tags }) => ({ id: clusterArn, state: status, tags }),
  create(at, wanted) {
    const { aws, run } = at;
    const tags = toEcsTags(at.tags);
    const more = missingTags(at, wanted, tags).map(({ key, value }) => ({ key, value }));
    return run.retry({
      what: `creating the cluster ${wanted.name}`,
      limitMs: 120_000,
      transient: transient.serviceLinkedRole,
      attempt: async () => {
        try {
          const created = await aws.ecs.send(
            new CreateClusterCommand({
              clusterName: wanted.name,
              settings: [{ name: 'containerInsights', value: 'disabled' }],
              tags: [...tags, ...more],
            }),
          );
          return created.cluster ?? {};
        } catch (error) {
          if (!isNotIdempotent(error)) throw error;
          return raced;
        }
      },
    });
  },
  /** Looked at again, because another run may have created it: its generation counts, not ours. */
  listed: (at, wanted) =>
    at.run.wait({
      what: `the cluster ${wanted.name} to be ACTIVE`,
      limitMs: 600_000,
      look: async () => {
        const seen = await cluster.find(at, wanted);
        return seen?.status === 'ACTIVE'
          ? { done: true, value: seen }
          : { done: false, state: seen?.status ?? 'not listed' };
      },
    }),
  adopt: (at, wanted, seen) => tag(at, seen, [...toEcsTags(at.tags), ...missingTags(at, wanted, seen.tags)]),
  differences(at, wanted, seen) {
    // What is taken over gets them with its owner.
    if (!isOurs(seen.tags, at.demo)) return [];
    const missing = missingTags(at, wanted, seen.tags);
    const apply = (now: Cluster) => tag(at, now, missing);
    return missing.map(({ words }) => ({ words, apply }));
  },
  async remove(at, wanted, seen) {
    const { aws, run } = at;
    return (
      (await foreignContent(at, wanted, seen)) ??
      run.retry({
        what: `deleting the cluster ${wanted.name}`,
        limitMs: 600_000,
        transient: transient.clusterInUse,
        attempt: async () => {
          try {
            await aws.ecs.send(new DeleteClusterCommand({ cluster: wanted.name })).catch(ignoreAbsent);
            return undefined;
          } catch (error) {
            const staying = transient.clusterInUse(error) === undefined ? undefined : await stayingContent(at, wanted);
            if (staying === undefined) throw error;
            return staying;
          }
        },
      })
    );
  },
};

/** How many container instances were last asked for; undefined: nobody asked, or the cluster does not exist. */
export function recordedCount(seen: Cluster | undefined): number | undefined {
  const count = Number(tagValue(seen?.tags, tagKeys.instances) ?? Number.NaN);
  return Number.isInteger(count) && count >= 0 ? count : undefined;
}

/** Notes on the cluster how many there shall be, so that a later `up` replaces what is lost. The same number again is no call. */
export async function recordCount(at: Work, seen: Cluster, count: number): Promise<Cluster> {
  if ((recordedCount(seen) ?? 1) === count) return seen;
  return tag(at, seen, [{ key: tagKeys.instances, value: String(count) }]);
}
