// The ECS operations that the sandbox offers. One row each: the SDK's schema, the handler, whether it changes the world.
import * as sdk from '@aws-sdk/client-ecs';
import { operationsOf } from '../operation.ts';
import { DeleteAttributes, ListAccountSettings, ListAttributes, PutAttributes } from './attributes.ts';
import {
  CreateCluster,
  DeleteCluster,
  DescribeClusters,
  ListClusters,
  UpdateCluster,
  UpdateClusterSettings,
} from './clusters.ts';
import {
  DeregisterContainerInstance,
  DescribeContainerInstances,
  ListContainerInstances,
  UpdateContainerInstancesState,
} from './container-instances.ts';
import { CreateService, DeleteService, DescribeServices, ListServices, UpdateService } from './services.ts';
import { ListTagsForResource, TagResource, UntagResource } from './tags.ts';
import {
  DeleteTaskDefinitions,
  DeregisterTaskDefinition,
  DescribeTaskDefinition,
  ListTaskDefinitionFamilies,
  ListTaskDefinitions,
  RegisterTaskDefinition,
} from './task-definitions.ts';
import { DescribeTasks, ListTasks, RunTask, StartTask, StopTask } from './tasks.ts';

export const ecsOperations = operationsOf([
  [sdk.CreateCluster$, CreateCluster],
  [sdk.DescribeClusters$, DescribeClusters],
  [sdk.ListClusters$, ListClusters],
  [sdk.UpdateCluster$, UpdateCluster],
  [sdk.UpdateClusterSettings$, UpdateClusterSettings],
  [sdk.DeleteCluster$, DeleteCluster],
  [sdk.RegisterTaskDefinition$, RegisterTaskDefinition],
  [sdk.DescribeTaskDefinition$, DescribeTaskDefinition],
  [sdk.ListTaskDefinitions$, ListTaskDefinitions],
  [sdk.ListTaskDefinitionFamilies$, ListTaskDefinitionFamilies],
  [sdk.DeregisterTaskDefinition$, DeregisterTaskDefinition],
  [sdk.DeleteTaskDefinitions$, DeleteTaskDefinitions],
  [sdk.CreateService$, CreateService],
  [sdk.DescribeServices$, DescribeServices],
  [sdk.ListServices$, ListServices],
  [sdk.UpdateService$, UpdateService],
  [sdk.DeleteService$, DeleteService],
  [sdk.RunTask$, RunTask],
  [sdk.StartTask$, StartTask],
  [sdk.StopTask$, StopTask],
  [sdk.ListTasks$, ListTasks],
  [sdk.DescribeTasks$, DescribeTasks],
  [sdk.ListContainerInstances$, ListContainerInstances],
  [sdk.DescribeContainerInstances$, DescribeContainerInstances],
  [sdk.UpdateContainerInstancesState$, UpdateContainerInstancesState],
  [sdk.DeregisterContainerInstance$, DeregisterContainerInstance],
  [sdk.TagResource$, TagResource],
  [sdk.UntagResource$, UntagResource],
  [sdk.ListTagsForResource$, ListTagsForResource],
  [sdk.ListAttributes$, ListAttributes],
  [sdk.PutAttributes$, PutAttributes],
  [sdk.DeleteAttributes$, DeleteAttributes],
  [sdk.ListAccountSettings$, ListAccountSettings],
]);
