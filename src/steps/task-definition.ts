// Step 2: the task definition. Registering is not idempotent, so a revision is registered only when something changed.
import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  paginateListTaskDefinitions,
  RegisterTaskDefinitionCommand,
  type Tag,
  type TaskDefinition,
  type TaskDefinitionStatus,
} from '@aws-sdk/client-ecs';
import { unrepeated } from '../aws/clients.ts';
import { ignoreAbsent, isNotFound, orAbsent, transient } from '../aws/faults.ts';
import { claim, isOurs, isRemovable, toEcsTags } from '../aws/ownership.ts';
import type { Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, type StepContext } from './context.ts';
import { isSameDefinition } from '../document/task-definition-document.ts';

const id = 'task-definition';
const type = 'AWS::ECS::TaskDefinition';

interface Observed {
  newest?: TaskDefinition;
  tags: Tag[];
}

/** The newest ACTIVE revision; a family without one answers with an error (aws-facts §2.1). */
async function observe({ aws, names, facts }: StepContext): Promise<Observed> {
  try {
    const found = await aws.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: names.family, include: ['TAGS'] }),
    );
    if (found.taskDefinition === undefined || found.taskDefinition.status !== 'ACTIVE') return { tags: [] };
    facts.taskDefinition = found.taskDefinition;
    return { newest: found.taskDefinition, tags: found.tags ?? [] };
  } catch (error) {
    if (isNotFound(error)) return { tags: [] };
    throw error;
  }
}

function toResource({ names }: StepContext, { newest, tags }: Observed): Resource {
  if (newest === undefined) return absent(id, type, names.family);
  return {
    step: id,
    type,
    name: `${names.family}:${newest.revision ?? 0}`,
    id: newest.taskDefinitionArn ?? '',
    state: newest.status ?? 'ACTIVE',
    owned: isOurs(tags, names.demo),
  };
}

function mustRegister(context: StepContext, { newest, tags }: Observed): boolean {
  const { names, settings, document } = context;
  if (newest === undefined) return true;
  // A family of somebody else's is not ours to add revisions to; with --adopt, our first revision takes it over.
  const owner = claim(
    { type, name: names.family, id: newest.taskDefinitionArn ?? '', tags },
    names.demo,
    settings.adopt,
  );
  // Which document `up` was told, only its own revisions know: looking on, they cannot be called wrong.
  return owner === 'adopt' || (!context.looking && !isSameDefinition(newest, document));
}

async function inspect(context: StepContext): Promise<Inspection> {
  const observed = await observe(context);
  const resources = [toResource(context, observed)];
  if (!mustRegister(context, observed)) return { resources, changes: [] };
  context.facts.revisionDue = true;
  const detail =
    observed.newest === undefined
      ? undefined
      : `a new revision, since the document differs from revision ${observed.newest.revision}`;
  return {
    resources,
    changes: [
      { step: id, action: 'create', type, name: context.names.family, ...(detail === undefined ? {} : { detail }) },
    ],
  };
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names, document, tags } = context;
  // Observe.
  let observed = await observe(context);
  // Ensure and sync are one here: revisions never change.
  if (mustRegister(context, observed)) {
    let looked = true;
    await run.retry({
      what: `registering a revision of ${names.family}`,
      limitMs: 60_000,
      transient: transient.revision,
      attempt: async () => {
        if (!looked) observed = await observe(context);
        looked = false;
        if (!mustRegister(context, observed)) return;
        const command = new RegisterTaskDefinitionCommand({ ...document.register, tags: toEcsTags(tags) });
        const registered = await aws.ecs.send(unrepeated(command));
        observed = {
          tags: registered.tags ?? toEcsTags(tags),
          ...(registered.taskDefinition === undefined ? {} : { newest: registered.taskDefinition }),
        };
        if (registered.taskDefinition !== undefined) context.facts.taskDefinition = registered.taskDefinition;
      },
    });
    changed(run, id, 'create', type, toResource(context, observed).name);
    observed = await yieldToEarlier(context, run, observed, true);
  } else if (Date.now() - Number(observed.newest?.registeredAt ?? 0) < raceMs) {
    // Another run registered it just now and may be about to give way itself.
    observed = await yieldToEarlier(context, run, observed, false);
  }
  // Return.
  return [{ ...toResource(context, observed), owned: true }];
}

/** How long after its registration a revision may still turn out to be the second of two. */
const raceMs = 30_000;

/**
 * Registering knows no client token, so two runs at once register two revisions. The first of equal ones counts, for
 * everybody; the run that made a later one takes it away again.
 */
async function yieldToEarlier(
  context: StepContext,
  run: StepRun,
  observed: Observed,
  made: boolean,
): Promise<Observed> {
  const { aws, names, document, facts } = context;
  const { newest } = observed;
  const revision = newest?.revision ?? 1;
  // The usual case costs no call.
  if (newest === undefined || revision === 1) return observed;
  const earlier = (await revisions(context, 'ACTIVE'))
    .filter((arn) => revisionOf(arn) < revision)
    .toSorted((one, other) => revisionOf(other) - revisionOf(one));
  let first: Observed | undefined;
  for (const arn of earlier) {
    const found = await orAbsent(
      aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] })),
    );
    // Taken away since it was listed: its run gave way itself, and there may be one before it.
    if (found?.taskDefinition?.status !== 'ACTIVE') continue;
    if (!isOurs(found.tags, names.demo) || !isSameDefinition(found.taskDefinition, document)) break;
    first = { newest: found.taskDefinition, tags: found.tags ?? [] };
  }
  if (first?.newest === undefined) return observed;
  facts.taskDefinition = first.newest;
  if (made) {
    const taskDefinition = newest.taskDefinitionArn ?? '';
    await aws.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition })).catch(ignoreAbsent);
    await aws.ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinition] }));
    changed(
      run,
      id,
      'delete',
      type,
      shortName(taskDefinition),
      `another run registered ${toResource(context, first).name} just before`,
    );
  }
  return first;
}

/** `arn:…:task-definition/sinatra-hi:3` → 3 */
function revisionOf(arn: string): number {
  return Number(arn.slice(arn.lastIndexOf(':') + 1));
}

async function revisions({ aws, names }: StepContext, status: TaskDefinitionStatus): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListTaskDefinitions({ client: aws.ecs }, { familyPrefix: names.family, status })) {
    arns.push(...(page.taskDefinitionArns ?? []));
  }
  return arns;
}

/** The revisions among `arns` that destroy may take away. Few at a time: the bucket of ECS reads is shared (aws-facts §14). */
async function ownedOf({ aws, names, settings }: StepContext, arns: string[]): Promise<Set<string>> {
  const owned = new Set<string>();
  for (let at = 0; at < arns.length; at += 5) {
    await Promise.all(
      arns.slice(at, at + 5).map(async (arn) => {
        try {
          const found = await aws.ecs.send(
            new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] }),
          );
          if (isRemovable(found.tags, names.demo, settings.adopt)) owned.add(arn);
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }),
    );
  }
  return owned;
}

/** `arn:…:task-definition/sinatra-hi:3` → `sinatra-hi:3` */
function shortName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/**
 * Ten at a time is the most the call takes. It fails for single revisions and still succeeds as a whole: a revision that
 * was deregistered a moment ago may not count as INACTIVE yet.
 * @returns those that ECS goes on refusing; the scan for leftovers names them.
 */
async function deleteRevisions({ aws }: StepContext, run: StepRun, arns: string[]): Promise<Set<string>> {
  let left = arns;
  return run.wait({
    what: 'the revisions to be deleted',
    look: async (elapsedMs) => {
      const failed: string[] = [];
      for (let at = 0; at < left.length; at += 10) {
        const answer = await aws.ecs.send(
          new DeleteTaskDefinitionsCommand({ taskDefinitions: left.slice(at, at + 10) }),
        );
        failed.push(...(answer.failures ?? []).flatMap(({ arn }) => (arn === undefined ? [] : [arn])));
      }
      left = left.filter((arn) => failed.includes(arn));
      if (left.length === 0 || elapsedMs >= 10_000) return { done: true, value: new Set(left) };
      return { done: false, state: `${left.length} refused` };
    },
  });
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names } = context;
  const [active, inactive] = await Promise.all([revisions(context, 'ACTIVE'), revisions(context, 'INACTIVE')]);
  const owned = await ownedOf(context, [...active, ...inactive]);
  const kept = active
    .filter((arn) => !owned.has(arn))
    .map((arn) => ({
      step: id,
      type,
      name: shortName(arn),
      id: arn,
      state: 'ACTIVE',
      owned: false,
      reason: `it does not carry the tag of the demo ${names.demo}`,
    }));
  // One after the other: the modify actions of ECS have small buckets (aws-facts §2.2).
  for (const arn of active.filter((candidate) => owned.has(candidate))) {
    await aws.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn })).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  const refused = await deleteRevisions(context, run, [...owned]);
  const ours = [...owned].filter((arn) => !refused.has(arn));
  for (const arn of ours) changed(run, id, 'delete', type, shortName(arn));
  return {
    removed: ours.map((arn) => ({ step: id, type, name: shortName(arn), id: arn, state: 'deleted', owned: true })),
    kept,
  };
}

export const taskDefinition: Step<StepContext> = {
  id,
  title: 'Task definition',
  tutorialStep: 2,
  needs: [],
  inspect,
  ensure,
  remove,
};
