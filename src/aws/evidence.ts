// What is read of a service that does not become stable, for diagnosis.ts to find the cause in. Each call is best-effort:
// whatever cannot be read counts as not seen.
import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  type DesiredStatus,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type Service,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { present } from '../base/present.ts';
import type { Clients } from './clients.ts';
import type { Evidence, Told } from './diagnosis.ts';

/** What `gather` calls. */
export const unstableCalls = [
  'ecs:ListTasks',
  'ecs:DescribeTasks',
  'ecs:DescribeTaskDefinition',
  'ecs:ListContainerInstances',
  'ecs:DescribeContainerInstances',
] as const;

/** @param since events and tasks older than this are history; milliseconds since the epoch */
export async function gather(
  aws: Clients,
  cluster: string,
  service: Service,
  targets: TargetHealthDescription[],
  since: number,
  told: Told = {},
): Promise<Evidence> {
  const none = (): never[] => [];
  const [stopped, toRun, containerInstances] = await Promise.all([
    tasksOf(aws, cluster, service, 'STOPPED').catch(none),
    (service.pendingCount ?? 0) === 0 ? [] : tasksOf(aws, cluster, service, 'RUNNING').catch(none),
    agentsOf(aws, cluster).catch(none),
  ]);
  const stoppedTasks = ofDeployment(stopped, service, since);
  const startingTasks = toRun.filter(({ lastStatus }) => lastStatus !== 'RUNNING');
  // Which containers are essential, what each was to be given and waits for: of one deployment all tasks are alike.
  const arn = (stoppedTasks[0] ?? startingTasks[0])?.taskDefinitionArn;
  const taskDefinition = arn === undefined ? undefined : await definitionOf(aws, arn).catch(() => undefined);
  return {
    ...told,
    service,
    stoppedTasks,
    startingTasks,
    targets,
    containerInstances,
    since,
    ...present({ taskDefinition }),
  };
}

/** A page of the service's tasks. */
async function tasksOf(
  { ecs }: Clients,
  cluster: string,
  { serviceName = '' }: Service,
  desiredStatus: DesiredStatus,
): Promise<Task[]> {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName, desiredStatus }));
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns.slice(0, 100) }));
  return tasks;
}

/** Those of the deployment at work, newest first: what an earlier, broken one left behind says nothing about this one. */
function ofDeployment(tasks: readonly Task[], service: Service, since: number): Task[] {
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY')?.id;
  const endOf = ({ stoppedAt, stoppingAt }: Task): number => Number(stoppedAt ?? stoppingAt ?? 0);
  return tasks
    .filter(
      ({ createdAt, startedBy }) =>
        Number(createdAt ?? 0) >= since && (primary === undefined || startedBy === undefined || startedBy === primary),
    )
    .toSorted((one, other) => endOf(other) - endOf(one));
}

async function definitionOf({ ecs }: Clients, taskDefinition: string): Promise<TaskDefinition | undefined> {
  return (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition;
}

async function agentsOf({ ecs }: Clients, cluster: string): Promise<ContainerInstance[]> {
  const { containerInstanceArns: containerInstances = [] } = await ecs.send(
    new ListContainerInstancesCommand({ cluster, maxResults: 100 }),
  );
  if (containerInstances.length === 0) return [];
  return (
    (await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }))).containerInstances ?? []
  );
}
