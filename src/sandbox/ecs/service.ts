// ECS as a service of the sandbox.
import { AwsError } from '../aws-error.ts';
import type { Service } from '../service.ts';
import { ecsOperations } from './operations.ts';
import { scheduleEcs } from './schedule.ts';
import { createTaskProcesses } from './task-processes.ts';

export const ecs: Service = {
  id: 'ecs',
  protocol: 'json',
  version: '2014-11-13',
  target: 'AmazonEC2ContainerServiceV20141113',
  operations: ecsOperations,
  tables: {
    clusters: { created: true, counted: ({ status }) => status === 'ACTIVE' },
    containerInstances: { counted: ({ status }) => status !== 'INACTIVE' },
    taskDefinitions: { created: true },
    services: { created: true, counted: ({ status }) => status !== 'INACTIVE' },
    tasks: {
      counted: ({ lastStatus }) => lastStatus !== 'STOPPED',
      ports: ({ containers }) =>
        containers.flatMap(({ networkBindings, listening }) =>
          [...networkBindings, ...(listening ? [listening] : [])].map(({ localPort }) => localPort),
        ),
    },
  },
  schedule: scheduleEcs,
  runtime: createTaskProcesses,
  errors: {
    missingMember: (path) => new AwsError('InvalidParameterException', `${path} must not be null.`),
    serverError: () => new AwsError('ServerException', 'Service Unavailable. Please try again later.', 500),
  },
};
