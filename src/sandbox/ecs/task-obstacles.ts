// What keeps a whole task from starting, whatever its images: a role that is not there, a file system or a file that the
// agent cannot reach. Pure; the texts are the agent's, with what the sandbox lacks said at their end.
import type { Task } from './records.ts';
import type { World } from '../world.ts';
import { documentOf } from './task-definition-document.ts';

interface Remote {
  taskRoleArn?: string;
  executionRoleArn?: string;
  volumes?: { name?: string; efsVolumeConfiguration?: { fileSystemId?: string } }[];
}

/** In the agent's words; undefined when nothing is in the way. */
export function taskObstacle(world: World, task: Task): string | undefined {
  const taskDefinition = world.taskDefinitions[task.taskDefinitionArn];
  if (taskDefinition === undefined) return undefined;
  const document = documentOf(taskDefinition);
  const { taskRoleArn, executionRoleArn, volumes = [] } = document as Remote;
  for (const role of [taskRoleArn, executionRoleArn]) {
    // ECS takes a name as well as an ARN, and nothing as none: ecs-deploy sends that.
    if (!role || Object.values(world.roles).some((one) => one.arn === role || one.roleName === role)) continue;
    return (
      `ECS was unable to assume the role '${role}' that was provided for this task. Please verify that the role being passed ` +
      'has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.'
    );
  }
  const mounted = new Set(
    document.containerDefinitions.flatMap(({ mountPoints = [] }) =>
      mountPoints.map(({ sourceVolume }) => sourceVolume),
    ),
  );
  const efs = volumes.find(({ name, efsVolumeConfiguration }) => efsVolumeConfiguration && mounted.has(name));
  if (efs !== undefined) {
    const host = `${efs.efsVolumeConfiguration?.fileSystemId ?? ''}.efs.${world.region}.amazonaws.com`;
    return (
      'CannotCreateVolumeError: Error response from daemon: VolumeDriver.Create: mounting volume failed: ' +
      `Failed to resolve "${host}" - check that your file system ID is correct (the ecsdemo sandbox has no EFS; use a host volume)`
    );
  }
  const [file] = document.containerDefinitions.flatMap(({ environmentFiles = [] }) => environmentFiles);
  if (file === undefined) return undefined;
  return (
    `ResourceInitializationError: failed to download env files: unable to download env file ${file.value ?? ''}: ` +
    'NoSuchBucket: The specified bucket does not exist (the ecsdemo sandbox has no S3; use environment)'
  );
}
