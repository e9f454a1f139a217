// Task definitions: families of numbered revisions that are registered, retired and deleted, never changed.
// The rules of the document itself are in task-definition-document.ts.
import type {
  DeleteTaskDefinitionsRequest,
  DeleteTaskDefinitionsResponse,
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  Failure,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  TaskDefinition as ApiTaskDefinition,
} from '@aws-sdk/client-ecs';
import { globalArnOf } from '../arn.ts';
import type { Context } from '../handler.ts';
import type { TaskDefinition } from './records.ts';
import type { World } from '../world.ts';
import {
  clientException,
  ecsArn,
  findTaskDefinition,
  invalidParameter,
  parseTaskDefinitionReference,
} from './lookups.ts';
import { pageOf } from './paging.ts';
import { checkTags } from './tags.ts';
import { compatibilitiesOf, documentOf, requiredAttributes, toDocument } from './task-definition-document.ts';

function toApi(world: World, taskDefinition: TaskDefinition): ApiTaskDefinition {
  const document = documentOf(taskDefinition);
  return {
    taskDefinitionArn: taskDefinition.taskDefinitionArn,
    family: taskDefinition.family,
    revision: taskDefinition.revision,
    ...(taskDefinition.document as ApiTaskDefinition),
    status: taskDefinition.status,
    requiresAttributes: requiredAttributes(document).map((name) => ({ name })),
    compatibilities: compatibilitiesOf(document),
    requiresCompatibilities: document.requiresCompatibilities.length
      ? (document.requiresCompatibilities as ('EC2' | 'FARGATE' | 'EXTERNAL')[])
      : undefined,
    registeredAt: new Date(taskDefinition.registeredAt),
    registeredBy: globalArnOf(world, 'iam', 'root'),
    deregisteredAt: taskDefinition.deregisteredAt === undefined ? undefined : new Date(taskDefinition.deregisteredAt),
    deleteRequestedAt:
      taskDefinition.deleteRequestedAt === undefined ? undefined : new Date(taskDefinition.deleteRequestedAt),
  };
}

/** Not idempotent, as on AWS: every call makes the family's next revision; deleted numbers are never used again. */
export function RegisterTaskDefinition(
  context: Context,
  input: RegisterTaskDefinitionRequest,
): RegisterTaskDefinitionResponse {
  const { world } = context;
  const document = toDocument(input);
  const tags = checkTags(input.tags);
  const family = input.family ?? '';
  const counter = `task-definition:${family}`;
  const revision = (world.counters[counter] ?? 0) + 1;
  world.counters[counter] = revision;
  const taskDefinitionArn = ecsArn(world, `task-definition/${family}:${revision}`);
  const taskDefinition: TaskDefinition = {
    taskDefinitionArn,
    family,
    revision,
    status: 'ACTIVE',
    registeredAt: context.now,
    document: structuredClone(document) as unknown as Record<string, unknown>,
    tags,
  };
  world.taskDefinitions[taskDefinitionArn] = taskDefinition;
  return { taskDefinition: toApi(world, taskDefinition), tags };
}

export function DescribeTaskDefinition(
  context: Context,
  input: DescribeTaskDefinitionRequest,
): DescribeTaskDefinitionResponse {
  if (!input.taskDefinition) throw invalidParameter('Task definition can not be blank.');
  const found = findTaskDefinition(context.world, input.taskDefinition);
  if (!found) throw clientException('Unable to describe task definition.');
  const withTags = input.include?.includes('TAGS') ?? false;
  return { taskDefinition: toApi(context.world, found), ...(withTags ? { tags: found.tags } : {}) };
}

/** `familyPrefix` has to be the whole family name, as AWS documents it. */
export function ListTaskDefinitions(context: Context, input: ListTaskDefinitionsRequest): ListTaskDefinitionsResponse {
  const status = input.status ?? 'ACTIVE';
  const sorted = Object.values(context.world.taskDefinitions)
    .filter((one) => one.status === status && (!input.familyPrefix || one.family === input.familyPrefix))
    .sort((a, b) => (a.family === b.family ? a.revision - b.revision : a.family < b.family ? -1 : 1));
  if (input.sort === 'DESC') sorted.reverse();
  const { entries, ...rest } = pageOf(
    sorted.map(({ taskDefinitionArn }) => taskDefinitionArn),
    input,
  );
  return { taskDefinitionArns: entries, ...rest };
}

/** Here `familyPrefix` really is a prefix. A family with an ACTIVE revision is ACTIVE. */
export function ListTaskDefinitionFamilies(
  context: Context,
  input: ListTaskDefinitionFamiliesRequest,
): ListTaskDefinitionFamiliesResponse {
  const all = Object.values(context.world.taskDefinitions).filter(({ status }) => status !== 'DELETE_IN_PROGRESS');
  const active = new Set(all.filter(({ status }) => status === 'ACTIVE').map(({ family }) => family));
  const families = [...new Set(all.map(({ family }) => family))]
    .filter((family) => family.startsWith(input.familyPrefix ?? ''))
    .filter((family) => {
      if (input.status === 'ALL') return true;
      return active.has(family) === (input.status !== 'INACTIVE');
    })
    .sort();
  const { entries, ...rest } = pageOf(families, input);
  return { families: entries, ...rest };
}

/** @throws ClientException when the revision does not exist or is not ACTIVE any more. */
export function DeregisterTaskDefinition(
  context: Context,
  input: DeregisterTaskDefinitionRequest,
): DeregisterTaskDefinitionResponse {
  const reference = input.taskDefinition;
  if (!reference) throw invalidParameter('Task definition can not be blank.');
  const { revision } = parseTaskDefinitionReference(reference);
  if (revision === undefined) throw clientException(`Revision is missing.`);
  if (Number.isNaN(revision))
    throw invalidParameter(`Invalid revision number. Number: ${reference.split(':').at(-1) ?? ''}`);
  const found = findTaskDefinition(context.world, reference);
  if (!found) throw clientException('The specified task definition does not exist.');
  if (found.status !== 'ACTIVE')
    throw clientException(
      'The specified task definition is inactive. You may only deregister active task definitions.',
    );
  found.status = 'INACTIVE';
  found.deregisteredAt = context.now;
  return { taskDefinition: toApi(context.world, found) };
}

/** At most 10 per call, INACTIVE ones only; what is still used stays DELETE_IN_PROGRESS until it is not. */
export function DeleteTaskDefinitions(
  context: Context,
  input: DeleteTaskDefinitionsRequest,
): DeleteTaskDefinitionsResponse {
  const references = input.taskDefinitions ?? [];
  if (references.length === 0) throw invalidParameter('Task definitions cannot be empty.');
  if (references.length > 10) throw invalidParameter('Task definitions cannot have more than 10 elements.');
  for (const reference of references) {
    if (parseTaskDefinitionReference(reference).revision === undefined) {
      throw invalidParameter(`Invalid task definition: ${reference}. Use the full ARN or family:revision.`);
    }
  }
  const taskDefinitions: ApiTaskDefinition[] = [];
  const failures: Failure[] = [];
  for (const reference of new Set(references)) {
    const found = findTaskDefinition(context.world, reference);
    if (!found) {
      failures.push({
        arn: reference,
        reason: 'TASK_DEFINITION_NOT_FOUND',
        detail: 'The specified task definition does not exist.',
      });
      continue;
    }
    if (found.status === 'ACTIVE') {
      failures.push({
        arn: found.taskDefinitionArn,
        reason: 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
      });
      continue;
    }
    const { taskDefinitionArn, deleteRequestedAt: requestedAt = context.now } = found;
    found.status = 'DELETE_IN_PROGRESS';
    found.deleteRequestedAt = requestedAt;
    context.world.deletedTaskDefinitions[taskDefinitionArn] = { taskDefinitionArn, requestedAt };
    taskDefinitions.push(toApi(context.world, found));
  }
  return { taskDefinitions, failures };
}
