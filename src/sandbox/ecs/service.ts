// ECS as a service of the sandbox.
import { AwsError } from '../aws-error.ts';
import { whole, without, type Service } from '../service.ts';
import { ecsOperations } from './operations.ts';
import { scheduleEcs } from './schedule.ts';
import type { Task } from './records.ts';
import { createTaskProcesses } from './task-processes.ts';

export const ecs: Service = {
  id: 'ecs',
  protocol: 'json',
  version: '2014-11-13',
  target: 'AmazonEC2ContainerServiceV20141113',
  operations: ecsOperations,
  instead: [
    [/CapacityProvider/, 'launch container instances with RunInstances and user data that names the cluster'],
    [/TaskSet|Express|ServiceRevision|ServiceDeployment/, 'deploy with UpdateService'],
    [/ExecuteCommand/, 'look into a container with SSM SendCommand and docker on its instance'],
    [/TaskProtection/, 'nothing scales in by itself here'],
  ],
  tables: {
    clusters: { created: true, counted: ({ status }) => status === 'ACTIVE', shown: whole },
    containerInstances: { counted: ({ status }) => status !== 'INACTIVE', shown: whole, ends: ['disconnectedUntil'] },
    // The document has the containers' environment.
    taskDefinitions: { created: true, shown: without('document') },
    deletedTaskDefinitions: {},
    services: {
      created: true,
      counted: ({ status }) => status !== 'INACTIVE',
      shown: without('clientToken'),
      ends: ['throttledUntil', 'placementRetryAt', 'drainsUntil'],
    },
    images: { shown: whole },
    tasks: {
      counted: ({ lastStatus }) => lastStatus !== 'STOPPED',
      shown: (task) => ({
        ...without<Task>('overrides')(task),
        containers: task.containers.map(without('command', 'environment')),
      }),
      ports: ({ containers }) =>
        containers.flatMap(({ networkBindings, listening }) =>
          [...networkBindings, ...(listening ? [listening] : [])].map(({ localPort }) => localPort),
        ),
      ends: ['statusEndsAt'],
    },
  },
  schedule: scheduleEcs,
  runtime: createTaskProcesses,
  errors: {
    missingMember: (path) => new AwsError('InvalidParameterException', `${path} must not be null.`),
    serverError: () => new AwsError('ServerException', 'Service Unavailable. Please try again later.', 500),
  },
  authorization: async () => (await import('./authorization.ts')).authorization,
};
