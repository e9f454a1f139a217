// What RegisterTaskDefinition refuses about the containers of one task together, and about their health checks.
// Pure. Texts without a source are worded by the sandbox: ECS's own are not confirmed.
import type { ContainerDefinition, HealthCheck, RegisterTaskDefinitionRequest, Volume } from '@aws-sdk/client-ecs';
import { hasCycle } from './container-order.ts';
import { clientException } from './lookups.ts';

type Definition = ContainerDefinition & { name: string; essential: boolean };

const conditions: readonly string[] = ['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'];

/** The ranges of the API's documentation, in seconds but for `retries`. */
const ranges = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const;

/**
 * The health check with the defaults that DescribeTaskDefinition shows (startPeriod has none).
 * A first word other than CMD, CMD-SHELL and NONE is accepted, as ECS accepts it (aws-cdk#34389); Docker then runs no check.
 * @throws ClientException
 */
export function checkHealthCheck(name: string, healthCheck: HealthCheck): HealthCheck {
  const [kind, first] = healthCheck.command ?? [];
  if (kind === undefined || (kind.startsWith('CMD') && (first ?? '') === '')) {
    throw clientException(`Health check of container '${name}' has no command.`);
  }
  const checked = { ...healthCheck, interval: healthCheck.interval ?? 30, timeout: healthCheck.timeout ?? 5 };
  const whole: HealthCheck = { ...checked, retries: healthCheck.retries ?? 3 };
  for (const [what, [least, most]] of Object.entries(ranges)) {
    const value = whole[what as keyof typeof ranges];
    if (value !== undefined && (!Number.isInteger(value) || value < least || value > most)) {
      throw clientException(
        `Invalid health check of container '${name}': ${what} is ${value}, it must be between ${least} and ${most}.`,
      );
    }
  }
  return whole;
}

/** @throws ClientException for a dependency that cannot ever be met. */
function checkDependencies(containers: Definition[]): void {
  for (const container of containers) {
    for (const { containerName = '', condition = '' } of container.dependsOn ?? []) {
      const dependency = containers.find(({ name }) => name === containerName);
      // The sign in the middle is ECS's (dagster#6926, hako#99).
      if (!dependency) {
        throw clientException(`Cannot depend on container + '${containerName}' because it does not exist`);
      }
      if (!conditions.includes(condition)) {
        throw clientException(
          `Invalid condition '${condition}' in the dependsOn of container '${container.name}': use ${conditions.join(', ')}.`,
        );
      }
      if ((condition === 'SUCCESS' || condition === 'COMPLETE') && dependency.essential) {
        throw clientException(
          'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
        );
      }
      if (condition === 'HEALTHY' && (dependency.healthCheck?.command ?? ['NONE'])[0] === 'NONE') {
        throw clientException('A dependency container with HEALTHY condition must have health check configured');
      }
    }
  }
}

/** @throws ClientException for a link that Docker could not make. */
function checkLinks(containers: Definition[], networkMode: string): void {
  for (const { name, links = [] } of containers) {
    if (links.length > 0 && networkMode !== 'bridge') {
      throw clientException(`Links are not supported when networkMode=${networkMode}.`);
    }
    for (const link of links) {
      const linked = link.split(':')[0];
      if (!containers.some((one) => one.name === linked)) {
        throw clientException(`Invalid link '${link}' of container '${name}': there is no container '${linked}'.`);
      }
    }
  }
}

/** Two containers of a task may not take one port of the container instance. */
function checkHostPorts(containers: Definition[]): void {
  const taken = new Set<string>();
  for (const { portMappings = [] } of containers) {
    for (const { hostPort = 0, protocol = 'tcp' } of portMappings) {
      if (hostPort === 0) continue;
      const key = `${hostPort}/${protocol}`;
      if (taken.has(key)) throw clientException(`Host port ${key} is mapped multiple times.`);
      taken.add(key);
    }
  }
}

/** @throws ClientException for a mount of what is no volume of the task, in ECS's words (ansible#35751). */
function checkMounts(containers: Definition[], volumes: readonly Volume[]): void {
  for (const { mountPoints = [], volumesFrom = [] } of containers) {
    for (const { sourceVolume = '' } of mountPoints) {
      if (!volumes.some(({ name }) => name === sourceVolume))
        throw clientException(`Unknown volume '${sourceVolume}'.`);
    }
    for (const { sourceContainer = '' } of volumesFrom) {
      if (!containers.some(({ name }) => name === sourceContainer))
        throw clientException(`Unknown container '${sourceContainer}' in volumesFrom.`);
    }
  }
}

/** How long the document may be, in bytes of its JSON. */
const longestDocument = 65_536;

/**
 * What can only be said of the whole: its size, and the role that fetches secrets.
 * @throws ClientException
 */
export function checkWhole(input: RegisterTaskDefinitionRequest): void {
  const length = Buffer.byteLength(JSON.stringify(input));
  if (length > longestDocument) {
    throw clientException(`Actual length: '${length}'. Max allowed length is '${longestDocument}' bytes.`);
  }
  if (!input.executionRoleArn && input.containerDefinitions?.some(({ secrets = [] }) => secrets.length > 0)) {
    throw clientException(
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    );
  }
}

/** @throws ClientException, in ECS's words where they are known. */
export function checkTogether(containers: Definition[], networkMode: string, volumes: readonly Volume[]): void {
  checkMounts(containers, volumes);
  checkDependencies(containers);
  checkLinks(containers, networkMode);
  checkHostPorts(containers);
  const names = containers.map(({ name }) => name);
  const of = (name: string): Definition | undefined => containers.find((one) => one.name === name);
  if (hasCycle(names, (name) => (of(name)?.links ?? []).map((link) => link.split(':')[0] ?? ''))) {
    throw clientException('Container links should not have a cycle');
  }
  if (hasCycle(names, (name) => (of(name)?.dependsOn ?? []).map(({ containerName = '' }) => containerName))) {
    throw clientException('Container dependencies should not have a cycle');
  }
}
