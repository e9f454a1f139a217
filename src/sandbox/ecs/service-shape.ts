// A service as DescribeServices shows it. Reads the world; checks and changes nothing.
import type { Deployment as ApiDeployment, Service as ApiService } from '@aws-sdk/client-ecs';
import type { Service } from './records.ts';
import type { World } from '../world.ts';
import { countTasks } from './deployments.ts';
import { tasksOfService } from './lookups.ts';
import { toApiNetwork } from './task-network.ts';

export function toApiService(world: World, service: Service, withTags: boolean): ApiService {
  const tasks = tasksOfService(world, service).filter(({ createdAt }) => createdAt >= service.createdAt);
  const { running, pending } = countTasks(tasks);
  const { circuitBreaker, maximumPercent, minimumHealthyPercent } = service.deploymentConfiguration;
  const { enable, rollback, resetOnHealthyTask, threshold } = circuitBreaker;
  return {
    serviceArn: service.serviceArn,
    serviceName: service.serviceName,
    clusterArn: service.clusterArn,
    status: service.status,
    loadBalancers: service.loadBalancers,
    serviceRegistries: [],
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    launchType: service.launchType,
    taskDefinition: service.taskDefinitionArn,
    deploymentConfiguration: {
      deploymentCircuitBreaker: {
        enable,
        rollback,
        resetOnHealthyTask,
        ...(threshold ? { thresholdConfiguration: threshold as { type: 'COUNT'; value: number } } : {}),
      },
      maximumPercent,
      minimumHealthyPercent,
      strategy: 'ROLLING',
      bakeTimeInMinutes: 0,
    },
    networkConfiguration: toApiNetwork(service.network),
    deployments: service.deployments.map((deployment): ApiDeployment => {
      const own = tasks.filter((task) => task.deploymentId === deployment.id);
      const counts = countTasks(own);
      return {
        id: deployment.id,
        status: deployment.status,
        taskDefinition: deployment.taskDefinitionArn,
        // What an old deployment is still allowed shrinks with it.
        desiredCount:
          deployment.status === 'PRIMARY'
            ? service.desiredCount
            : own.filter((task) => task.desiredStatus === 'RUNNING').length,
        pendingCount: counts.pending,
        runningCount: counts.running,
        failedTasks: deployment.failedTasks,
        createdAt: new Date(deployment.createdAt),
        updatedAt: new Date(deployment.updatedAt),
        launchType: service.launchType,
        networkConfiguration: toApiNetwork(service.network),
        rolloutState: deployment.rolloutState,
        rolloutStateReason: deployment.rolloutStateReason,
      };
    }),
    roleArn: service.roleArn,
    events: service.events.map(({ id, createdAt, message }) => ({ id, createdAt: new Date(createdAt), message })),
    createdAt: new Date(service.createdAt),
    placementConstraints: service.placementConstraints as {
      type: 'distinctInstance' | 'memberOf';
      expression?: string;
    }[],
    placementStrategy: service.placementStrategy as { type: 'spread' | 'binpack' | 'random'; field?: string }[],
    healthCheckGracePeriodSeconds: service.loadBalancers.length > 0 ? service.healthCheckGracePeriodSeconds : undefined,
    schedulingStrategy: service.schedulingStrategy,
    deploymentController: { type: 'ECS' },
    createdBy: service.createdBy,
    enableECSManagedTags: service.enableEcsManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    tags: withTags ? service.tags : undefined,
  };
}
