// Whether two documents are one to ECS, which fills in defaults, forgets orders and units, and adds what only it knows. Pure.
import type { PortMapping, RegisterTaskDefinitionRequest, TaskDefinition } from '@aws-sdk/client-ecs';
import { cpuUnits, mebibytes } from './amounts.ts';
import { networkModeOf } from './rules/rule.ts';

type Registrable = Pick<Partial<RegisterTaskDefinitionRequest>, (typeof registerMembers)[number]>;

/** What RegisterTaskDefinition takes; the rest of a described document (revision, status …) is AWS's own. */
export const registerMembers = [
  'taskRoleArn',
  'executionRoleArn',
  'networkMode',
  'containerDefinitions',
  'volumes',
  'placementConstraints',
  'requiresCompatibilities',
  'cpu',
  'memory',
  'pidMode',
  'ipcMode',
  'proxyConfiguration',
  'inferenceAccelerators',
  'ephemeralStorage',
  'runtimePlatform',
  'enableFaultInjection',
] as const;

/**
 * True when registering `wanted` would make a revision equal to `registered`, by ECS's defaults:
 * hostPort absent is 0, protocol tcp, cpu 0, essential true, empty lists and objects are absent, environment and
 * secrets are sets, a health check has its defaults, "1 vCPU" is 1024 (aws-facts §2.1).
 */
export function isSameDefinition(registered: TaskDefinition, wanted: Registrable): boolean {
  return JSON.stringify(canonical(registered)) === JSON.stringify(canonical(wanted));
}

function canonical(document: Registrable): unknown {
  const picked = Object.fromEntries(
    registerMembers.map((member) => [member, (document as Record<string, unknown>)[member]] as const),
  ) as Registrable;
  const networkMode = networkModeOf(picked);
  return ordered({
    ...picked,
    networkMode,
    // EC2 is what the service asks for anyway: naming it or not makes no difference.
    requiresCompatibilities: undefined,
    ...(picked.cpu === undefined ? {} : { cpu: cpuUnits(picked.cpu) }),
    ...(picked.memory === undefined ? {} : { memory: mebibytes(picked.memory) }),
    enableFaultInjection: picked.enableFaultInjection === true ? true : undefined,
    containerDefinitions: (picked.containerDefinitions ?? []).map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      essential: container.essential ?? true,
      environment: container.environment?.toSorted(byName),
      secrets: container.secrets?.toSorted(byName),
      healthCheck:
        container.healthCheck === undefined
          ? undefined
          : { interval: 30, timeout: 5, retries: 3, ...container.healthCheck },
      portMappings: (container.portMappings ?? []).map((mapping) => ({
        ...mapping,
        hostPort: hostPortOf(mapping, networkMode),
        protocol: mapping.protocol ?? 'tcp',
      })),
    })),
  });
}

/** Outside of bridge mode a container has its port on the host, or on an interface of its own; a range has none to compare. */
function hostPortOf({ containerPort, hostPort = 0 }: PortMapping, networkMode: string): number | undefined {
  if (containerPort === undefined) return undefined;
  return networkMode === 'bridge' ? hostPort : containerPort;
}

function byName(one: { name?: string | undefined }, other: { name?: string | undefined }): number {
  const [name = '', otherName = ''] = [one.name, other.name];
  return name < otherName ? -1 : name > otherName ? 1 : 0;
}

/** True for what ECS fills in by itself where nothing was given. */
function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** Members in order, undefined and what is empty left out: what remains can be compared as text. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, ordered(member)] as const)
      .filter(([, member]) => !isEmpty(member))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
