// The smallest chapter there can be: an empty cluster with two services that have no tasks yet. What a new chapter takes is
// this file (in src/chapters, with its outline apart so that help loads nothing) and one line in src/chapters/all.ts; what
// is there twice is twice the same kind with other values.
import { EcsdemoError } from '../../src/base/errors.ts';
import type { Chapter, ChapterContext, ChapterStep, Entry, Outline } from '../../src/chapters/chapter.ts';
import { single } from '../../src/chapters/single.ts';
import { templateDefinition } from '../../src/document/task-definition-document.ts';
import { cluster } from '../../src/resources/ecs/cluster.ts';
import { service, type WantedService } from '../../src/resources/ecs/service.ts';
import { removeRevisions, taskDefinition } from '../../src/resources/ecs/task-definition.ts';
import { converge, inspections, plan, remove, removals, shown, working } from '../../src/resources/resource.ts';
import { usesOf } from '../../src/resources/uses.ts';

const types = ['AWS::ECS::TaskDefinition', 'AWS::ECS::Service'];
const room = { id: 'room', title: 'An empty cluster', tutorialStep: 1, makes: 'a cluster', types: [cluster.type] };
const pair = { id: 'pair', title: 'Two services', tutorialStep: 1, makes: 'two services', types };
const proof = { id: 'proof', title: 'It has a name', tutorialStep: 2, makes: 'nothing', types: [] };
const outline: Outline = {
  id: 'tiny',
  title: 'An empty cluster',
  steps: [room, pair, proof],
  numbers: { scale: 3, remove: 3 },
};

interface TinyContext extends ChapterContext {
  facts: { isThere: boolean };
}

const roomOf = ({ demo, settings }: TinyContext) => ({
  name: `${demo}-tiny-room`,
  instances: undefined,
  ttlMs: settings.ttlMs,
  services: namesOf(demo),
});
const namesOf = (demo: string) => ['left', 'right'].map((side) => `${demo}-tiny-${side}`);
const definitionsOf = ({ demo, settings }: TinyContext) =>
  namesOf(demo).map((name) => ({ name, document: templateDefinition(settings, name) }));
const servicesOf = (context: TinyContext): WantedService[] =>
  namesOf(context.demo).map((name) => ({
    name,
    cluster: roomOf(context).name,
    generation: '',
    taskDefinition: { family: name, arn: undefined },
    behind: undefined,
    count: 0,
    instanceIds: [],
  }));

const roomStep = single(
  { ...room, needs: [] },
  cluster,
  roomOf,
  ({ facts }, seen) => (facts.isThere = seen !== undefined),
);

const pairStep: ChapterStep<TinyContext> = {
  ...pair,
  uses: usesOf(taskDefinition.uses, service.uses),
  needs: [room.id],
  async inspect(context, run) {
    const at = working(context, run, pair.id);
    const definitions = definitionsOf(context).map(async (each) =>
      plan(taskDefinition, at, each, await taskDefinition.find(at, each)),
    );
    const services = servicesOf(context).map(async (each) => plan(service, at, each, await service.find(at, each)));
    return inspections(await Promise.all([...definitions, ...services]));
  },
  async ensure(context, run) {
    const at = working(context, run, pair.id);
    for (const each of definitionsOf(context))
      await converge(taskDefinition, at, each, await taskDefinition.find(at, each));
    return Promise.all(
      servicesOf(context).map(async (each) =>
        shown(service, at, each, await converge(service, at, each, await service.find(at, each))),
      ),
    );
  },
  async remove(context, run) {
    const at = working(context, run, pair.id);
    const services = servicesOf(context).map(async (each) => remove(service, at, each, await service.find(at, each)));
    const definitions = namesOf(context.demo).map((family) => removeRevisions(at, family));
    return removals(await Promise.all([...services, ...definitions]));
  },
};

const proofStep: ChapterStep<TinyContext> = {
  ...proof,
  uses: { look: [] },
  needs: [room.id],
  inspect: async () => ({ resources: [], changes: [] }),
  ensure: async () => [],
  remove: async () => ({ removed: [], kept: [] }),
};

export const tiny: Chapter = {
  outline,
  resources: [roomStep, pairStep],
  proof: proofStep,
  names: (demo) => ({
    [cluster.type]: [`${demo}-tiny-room`],
    [service.type]: namesOf(demo),
    [taskDefinition.type]: namesOf(demo),
  }),
  prepare: async (settings) => (scope) => ({ ...scope, settings, facts: { isThere: false } }) satisfies TinyContext,
  state: () => ({
    url: null,
    desired: 0,
    running: 0,
    healthy: 0,
    checks: [],
    answer: null,
    expiresAt: null,
    priced: { instanceTypes: [], loadBalancerSubnets: [] },
  }),
  refuseAbsent({ facts }: TinyContext) {
    if (!facts.isThere) throw new EcsdemoError('demo-absent', 'there is no room', { suggestions: [{ command: 'up' }] });
  },
};

export const entry: Entry = { outline, load: async () => tiny };
