// What ECS's calls ask of IAM: on which resources, and with which condition keys (Service Authorization Reference, Amazon ECS).
import {
  requestTags,
  resourceTags,
  tagsIn,
  textOf,
  textsOf,
  type Ask,
  type Authorization,
} from '../authorization/ask.ts';
import { globalArnOf } from '../arn.ts';
import type { Call } from '../server.ts';
import type { World } from '../world.ts';
import { ecsArn, findTaskDefinition, idOf, parseTaskDefinitionReference } from './lookups.ts';

type Keys = Ask['keys'];
const own = 'ecs:ResourceTag/';

/** By what an ARN of ECS is of. */
function tagsOf(world: World, arn: string): Keys {
  const record =
    world.clusters[arn] ??
    world.services[arn] ??
    world.tasks[arn] ??
    world.containerInstances[arn] ??
    world.taskDefinitions[arn];
  return resourceTags(record?.tags, own);
}

/** 'service/my-cluster/my-service', of what callers write. */
function within(world: World, type: string, cluster: string, reference: string): string {
  return ecsArn(world, `${type}/${cluster}/${idOf(reference)}`);
}

/** A role that tasks are to have is passed to ECS's tasks. */
function passing(world: World, input: Call['input']): Ask[] {
  return ['taskRoleArn', 'executionRoleArn'].flatMap((member) => {
    const role = textOf(input[member]);
    if (role === undefined) return [];
    const resource = role.startsWith('arn:') ? role : globalArnOf(world, 'iam', `role/${role}`);
    return [{ action: 'iam:PassRole', resource, keys: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }];
  });
}

/** The ARN of a revision; one that is to be registered has no number yet. */
function definitionArn(world: World, reference: string): string {
  const { family, revision } = parseTaskDefinitionReference(reference);
  const found = findTaskDefinition(world, reference);
  return found?.taskDefinitionArn ?? ecsArn(world, `task-definition/${family}:${revision ?? '*'}`);
}

const anywhere = [
  'ListClusters',
  'ListServices',
  'ListTaskDefinitions',
  'ListTaskDefinitionFamilies',
  'DescribeTaskDefinition',
  // It names a revision, and yet takes no resource.
  'DeregisterTaskDefinition',
  'ListAccountSettings',
];

/** What a call works on: ARNs, and the type of what is in a cluster. */
function resourcesOf({ operation, input }: Call, world: World, cluster: string): string[] {
  const clusterArn = ecsArn(world, `cluster/${cluster}`);
  const some = (type: string, references: readonly string[]): string[] =>
    references.length === 0
      ? [ecsArn(world, `${type}/${cluster}/*`)]
      : references.map((each) => within(world, type, cluster, each));
  const one = (member: string): string[] => [textOf(input[member]) ?? []].flat();
  switch (operation) {
    case 'CreateCluster':
      return [ecsArn(world, `cluster/${textOf(input['clusterName']) ?? 'default'}`)];
    case 'DescribeClusters': {
      const asked = textsOf(input['clusters']);
      return (asked.length === 0 ? ['default'] : asked).map((each) => ecsArn(world, `cluster/${idOf(each)}`));
    }
    case 'DescribeServices':
      return some('service', textsOf(input['services']));
    case 'CreateService':
      return some('service', one('serviceName'));
    case 'UpdateService':
    case 'DeleteService':
      return some('service', one('service'));
    case 'DescribeTasks':
      return some('task', textsOf(input['tasks']));
    case 'StopTask':
      return some('task', one('task'));
    case 'RunTask':
    case 'StartTask':
      return [definitionArn(world, textOf(input['taskDefinition']) ?? '*')];
    // It lists tasks, and is asked on container instances, also without any: the denials say so.
    case 'ListTasks':
      return some('container-instance', one('containerInstance'));
    case 'DescribeContainerInstances':
    case 'UpdateContainerInstancesState':
      return some('container-instance', textsOf(input['containerInstances']));
    case 'RegisterTaskDefinition':
      return [ecsArn(world, `task-definition/${textOf(input['family']) ?? ''}:*`)];
    case 'DeleteTaskDefinitions':
      return textsOf(input['taskDefinitions']).map((each) => definitionArn(world, each));
    case 'TagResource':
    case 'UntagResource':
    case 'ListTagsForResource':
      return one('resourceArn');
    default:
      return [clusterArn];
  }
}

export const authorization: Authorization = {
  keys: ['ecs:ResourceTag/', 'ecs:cluster', 'ecs:task-definition', 'ecs:CreateAction'],
  asks(call, world) {
    const { operation, input } = call;
    const action = `ecs:${operation}`;
    const cluster = idOf(textOf(input['cluster']) ?? 'default');
    const definition = textOf(input['taskDefinition']);
    const isTagging = /^(Untag|Tag)Resource$/.test(operation);
    const tags = tagsIn(input['tags']);
    const keys: Keys = {
      ...requestTags(tags),
      ...('cluster' in input || /^(ListServices|ListTasks|RunTask|CreateService)$/.test(operation)
        ? { 'ecs:cluster': ecsArn(world, `cluster/${cluster}`) }
        : {}),
      ...(definition === undefined || operation === 'DescribeTaskDefinition'
        ? {}
        : { 'ecs:task-definition': definitionArn(world, definition) }),
    };
    const resources = anywhere.includes(operation) ? ['*'] : resourcesOf(call, world, cluster);
    const asks = resources.map((resource): Ask => ({
      action,
      resource,
      keys: { ...tagsOf(world, resource), ...keys },
    }));
    // With tags, creating asks for tagging as well, since 2024 in every account (ECS Developer Guide, "Tagging authorization").
    // That ECS may not make its own role is no denial: the cluster comes without it, and CreateService fails (aws-facts §1.9).
    const created =
      operation === 'RunTask' || operation === 'StartTask' ? [ecsArn(world, `task/${cluster}/*`)] : resources;
    const also: Ask[] =
      isTagging || tags.length === 0
        ? []
        : created.map((resource) => ({
            action: 'ecs:TagResource',
            resource,
            keys: { ...requestTags(tags), 'ecs:CreateAction': operation },
          }));
    return [...asks, ...(operation === 'RegisterTaskDefinition' ? passing(world, input) : []), ...also];
  },
};
