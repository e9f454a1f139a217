// The smallest chapter there can be: one cluster, which a person may ask for its name. What a new chapter takes is this file
// (in src/chapters, with its outline apart so that help loads nothing) and one line in src/chapters/all.ts.
import { type Cluster, CreateClusterCommand, DeleteClusterCommand, DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { isOurs, toEcsTags } from '../../src/aws/ownership.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import type { Chapter, ChapterContext, Entry, Outline } from '../../src/chapters/chapter.ts';
import type { Resource, Step } from '../../src/engine/types.ts';

const type = 'AWS::ECS::Cluster';
const room = { id: 'room', title: 'An empty cluster', tutorialStep: 1, makes: 'a cluster', types: [type] };
const proof = { id: 'proof', title: 'It has a name', tutorialStep: 2, makes: 'nothing', types: [] };
const outline: Outline = {
  id: 'tiny',
  title: 'An empty cluster',
  steps: [room, proof],
  numbers: { scale: 3, remove: 3 },
};

interface TinyContext extends ChapterContext {
  facts: { cluster?: Cluster };
}

const nameOf = (demo: string): string => `${demo}-tiny-room`;

async function look(context: TinyContext): Promise<Cluster | undefined> {
  const clusters = [nameOf(context.demo)];
  const found = await context.aws.ecs.send(new DescribeClustersCommand({ clusters, include: ['TAGS'] }));
  const cluster = found.clusters?.find(({ status }) => status !== 'INACTIVE');
  if (cluster === undefined) delete context.facts.cluster;
  else context.facts.cluster = cluster;
  return cluster;
}

function toResource({ demo }: TinyContext, cluster: Cluster | undefined): Resource {
  const { clusterArn, status = 'absent', tags } = cluster ?? {};
  const known = clusterArn === undefined ? {} : { id: clusterArn };
  return { step: room.id, type, name: nameOf(demo), ...known, state: status, owned: isOurs(tags, demo) };
}

const roomStep: Step<ChapterContext> = {
  ...room,
  needs: [],
  async inspect(context: TinyContext) {
    const cluster = await look(context);
    const change = { step: room.id, action: 'create' as const, type, name: nameOf(context.demo) };
    return { resources: [toResource(context, cluster)], changes: cluster === undefined ? [change] : [] };
  },
  async ensure(context: TinyContext) {
    const { aws, demo, tags } = context;
    if ((await look(context)) === undefined)
      await aws.ecs.send(new CreateClusterCommand({ clusterName: nameOf(demo), tags: toEcsTags(tags) }));
    return [toResource(context, await look(context))];
  },
  async remove(context: TinyContext) {
    const cluster = await look(context);
    if (cluster === undefined) return { removed: [], kept: [] };
    await context.aws.ecs.send(new DeleteClusterCommand({ cluster: nameOf(context.demo) }));
    return { removed: [{ ...toResource(context, cluster), state: 'deleted' }], kept: [] };
  },
};

const proofStep: Step<ChapterContext> = {
  ...proof,
  needs: [room.id],
  inspect: async () => ({ resources: [], changes: [] }),
  ensure: async () => [],
  remove: async () => ({ removed: [], kept: [] }),
};

export const tiny: Chapter = {
  outline,
  resources: [roomStep],
  proof: proofStep,
  names: (demo) => ({ [type]: [nameOf(demo)] }),
  prepare: (settings) => (scope) => ({ ...scope, settings, facts: {} }) satisfies TinyContext,
  state: () => ({
    url: null,
    desired: 0,
    running: 0,
    healthy: 0,
    checks: [],
    expiresAt: null,
    priced: { instanceTypes: [], loadBalancerSubnets: [] },
  }),
  refuseAbsent({ facts }: TinyContext) {
    if (facts.cluster === undefined)
      throw new EcsdemoError('demo-absent', 'there is no room', { suggestions: [{ command: 'up' }] });
  },
};

export const entry: Entry = { outline, load: async () => tiny };
