// A task definition. Registering is not idempotent and revisions never change, so making and mending are one: a revision is
// registered, and only when something differs.
import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  paginateListTaskDefinitions,
  RegisterTaskDefinitionCommand,
  type Tag,
  TagResourceCommand,
  type TaskDefinition,
  type TaskDefinitionStatus,
} from '@aws-sdk/client-ecs';
import { unrepeated } from '../../aws/clients.ts';
import { ignoreAbsent, isMissing, orAbsent, transient } from '../../aws/faults.ts';
import { isOurs, isRemovable, tagValue, toEcsTags } from '../../aws/ownership.ts';
import { isSameDefinition } from '../../document/same-definition.ts';
import type { TaskDefinitionDocument } from '../../document/task-definition-document.ts';
import type { Removal } from '../../engine/types.ts';
import { type Difference, type Kind, type Named, tell, type Work } from '../resource.ts';

/** Named by its family. */
export interface WantedDefinition extends Named {
  document: TaskDefinitionDocument;
  /** What was found just now; absent: it is looked for. */
  known?: SeenDefinition | undefined;
}

export interface SeenDefinition {
  definition: TaskDefinition;
  tags: Tag[];
}

const type = 'AWS::ECS::TaskDefinition';

/** How long after its registration a revision may still turn out to be the second of two. */
const raceMs = 30_000;

/** The revision if it is ACTIVE; of a family the newest. A family without one answers with an error (aws-facts §2.1). */
export async function describeDefinition(
  { aws }: Pick<Work, 'aws'>,
  taskDefinition: string,
): Promise<SeenDefinition | undefined> {
  const found = await orAbsent(aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] })));
  const definition = found?.taskDefinition;
  return definition?.status === 'ACTIVE' ? { definition, tags: found?.tags ?? [] } : undefined;
}

/** Which document `up` was told, only its own revisions know: looking on, they cannot be called wrong. */
export function isRight(
  at: Pick<Work, 'demo' | 'looking'>,
  { document }: Pick<WantedDefinition, 'document'>,
  { definition, tags }: SeenDefinition,
): boolean {
  // Somebody else's cannot be tagged into ours: the demo's first revision takes the family over.
  return isOurs(tags, at.demo) && (at.looking || isSameDefinition(definition, document.register));
}

/** The document's own tags that the revision lacks. What it has besides stays: somebody else may have put it there. */
function missingTags({ looking }: Work, { document }: WantedDefinition, { tags }: SeenDefinition): Tag[] {
  return looking ? [] : document.tags.filter(({ key = '', value }) => tagValue(tags, key) !== value);
}

/** When an answer was lost, it is looked first whether it was done. */
function register(at: Work, wanted: WantedDefinition): Promise<SeenDefinition> {
  const { aws, run } = at;
  // Nobody is told twice whose it is.
  const tags = [...wanted.document.tags, ...toEcsTags(at.tags)];
  let looked = true;
  return run.retry({
    what: `registering a revision of ${wanted.name}`,
    limitMs: 60_000,
    transient: transient.revision,
    attempt: async () => {
      const seen = looked ? undefined : await describeDefinition(at, wanted.name);
      looked = false;
      if (seen !== undefined && isRight(at, wanted, seen)) return seen;
      const command = new RegisterTaskDefinitionCommand({ ...wanted.document.register, tags });
      const registered = await aws.ecs.send(unrepeated(command));
      return { definition: registered.taskDefinition ?? {}, tags: registered.tags ?? tags };
    },
  });
}

export const taskDefinition: Kind<WantedDefinition, SeenDefinition> = {
  type,
  uses: {
    look: ['ecs:DescribeTaskDefinition'],
    // What comes after the first is for two runs at once.
    make: [
      'ecs:RegisterTaskDefinition',
      'ecs:ListTaskDefinitions',
      'ecs:DeregisterTaskDefinition',
      'ecs:DeleteTaskDefinitions',
    ],
    // The tags of a person's own file.
    mend: ['ecs:TagResource'],
    remove: ['ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition', 'ecs:DeleteTaskDefinitions'],
  },
  find: async (at, { name, known }) => known ?? describeDefinition(at, name),
  view: ({ definition, tags }) => ({
    id: definition.taskDefinitionArn ?? '',
    state: definition.status ?? 'ACTIVE',
    tags,
    name: `${definition.family ?? ''}:${definition.revision ?? 0}`,
  }),
  create: register,
  differences(at, wanted, seen) {
    if (isRight(at, wanted, seen)) return tagDifferences(at, wanted, seen);
    const words = `a new revision, since the document differs from revision ${seen.definition.revision}`;
    return [{ words, action: 'create', apply: () => register(at, wanted) }];
  },
  settled(at, wanted, seen, _, untouched) {
    const registeredAt = Number(seen.definition.registeredAt ?? 0);
    // Another run may have registered it just now and be about to give way itself.
    if (untouched && Date.now() - registeredAt >= raceMs) return Promise.resolve(seen);
    return yieldToEarlier(at, wanted, seen, !untouched);
  },
};

/** A tag changes no revision. */
function tagDifferences(at: Work, wanted: WantedDefinition, seen: SeenDefinition): Difference<SeenDefinition>[] {
  const tags = missingTags(at, wanted, seen);
  const apply = async (): Promise<SeenDefinition> => {
    const { taskDefinitionArn: resourceArn } = seen.definition;
    await at.aws.ecs.send(new TagResourceCommand({ resourceArn, tags }));
    return { ...seen, tags: [...seen.tags.filter(({ key }) => !tags.some((tag) => tag.key === key)), ...tags] };
  };
  return tags.map(({ key, value }) => ({ words: `tag ${key} = ${value}`, apply }));
}

/**
 * Registering knows no client token, so two runs at once register two revisions. The first of equal ones counts, for
 * everybody; the run that made a later one takes it away again.
 */
async function yieldToEarlier(
  at: Work,
  { name, document }: WantedDefinition,
  seen: SeenDefinition,
  made: boolean,
): Promise<SeenDefinition> {
  const { revision = 1, taskDefinitionArn = '' } = seen.definition;
  // The usual case costs no call.
  if (revision === 1) return seen;
  const earlier = (await revisions(at, name, 'ACTIVE'))
    .filter((arn) => revisionOf(arn) < revision)
    .toSorted((one, other) => revisionOf(other) - revisionOf(one));
  let first: SeenDefinition | undefined;
  for (const arn of earlier) {
    const found = await describeDefinition(at, arn);
    // Taken away since it was listed: its run gave way itself, and there may be one before it.
    if (found === undefined) continue;
    if (!isOurs(found.tags, at.demo) || !isSameDefinition(found.definition, document.register)) break;
    first = found;
  }
  if (first === undefined) return seen;
  if (made) {
    const { ecs } = at.aws;
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: taskDefinitionArn })).catch(ignoreAbsent);
    await ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinitionArn] }));
    const before = taskDefinition.view(first).name;
    tell(at, 'delete', type, shortName(taskDefinitionArn), `another run registered ${before} just before`);
  }
  return first;
}

/** `arn:…:task-definition/sinatra-hi:3` → 3 */
function revisionOf(arn: string): number {
  return Number(arn.slice(arn.lastIndexOf(':') + 1));
}

/** `arn:…:task-definition/sinatra-hi:3` → `sinatra-hi:3` */
function shortName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

async function revisions({ aws }: Work, familyPrefix: string, status: TaskDefinitionStatus): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListTaskDefinitions({ client: aws.ecs }, { familyPrefix, status })) {
    arns.push(...(page.taskDefinitionArns ?? []));
  }
  return arns;
}

/** The revisions among `arns` that destroy may take away. Few at a time: the bucket of ECS reads is shared (aws-facts §14). */
async function ownedOf({ aws, demo, adopt }: Work, arns: string[]): Promise<Set<string>> {
  const owned = new Set<string>();
  for (let from = 0; from < arns.length; from += 5) {
    await Promise.all(
      arns.slice(from, from + 5).map(async (arn) => {
        const command = new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] });
        const found = await orAbsent(aws.ecs.send(command));
        if (found !== undefined && isRemovable(found.tags, demo, adopt)) owned.add(arn);
      }),
    );
  }
  return owned;
}

/**
 * Ten at a time is the most the call takes. It fails for single revisions and still succeeds as a whole: a revision that
 * was deregistered a moment ago may not count as INACTIVE yet.
 * @returns those that ECS goes on refusing; the scan for leftovers names them.
 */
async function deleteRevisions({ aws, run }: Work, arns: string[]): Promise<Set<string>> {
  let left = arns;
  return run.wait({
    what: 'the revisions to be deleted',
    look: async (elapsedMs) => {
      const failed: string[] = [];
      for (let from = 0; from < left.length; from += 10) {
        const command = new DeleteTaskDefinitionsCommand({ taskDefinitions: left.slice(from, from + 10) });
        const answer = await aws.ecs.send(command);
        failed.push(...(answer.failures ?? []).filter((each) => !isMissing(each)).flatMap(({ arn }) => arn ?? []));
      }
      left = left.filter((arn) => failed.includes(arn));
      if (left.length === 0 || elapsedMs >= 10_000) return { done: true, value: new Set(left) };
      return { done: false, state: `${left.length} refused` };
    },
  });
}

/** Takes away every revision of the family that is ours. */
export async function removeRevisions(at: Work, family: string): Promise<Removal> {
  const [active, inactive] = await Promise.all([revisions(at, family, 'ACTIVE'), revisions(at, family, 'INACTIVE')]);
  const owned = await ownedOf(at, [...active, ...inactive]);
  const resource = (arn: string) => ({ step: at.step, type, name: shortName(arn), id: arn });
  // One after the other: the modify actions of ECS have small buckets (aws-facts §2.2).
  for (const arn of active.filter((candidate) => owned.has(candidate))) {
    await at.aws.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn })).catch(ignoreAbsent);
  }
  const refused = await deleteRevisions(at, [...owned]);
  const ours = [...owned].filter((arn) => !refused.has(arn));
  for (const arn of ours) tell(at, 'delete', type, shortName(arn));
  const reason = `it does not carry the tag of the demo ${at.demo}`;
  return {
    removed: ours.map((arn) => ({ ...resource(arn), state: 'deleted', owned: true })),
    kept: active
      .filter((arn) => !owned.has(arn))
      .map((arn) => ({ ...resource(arn), state: 'ACTIVE', owned: false, reason })),
  };
}
