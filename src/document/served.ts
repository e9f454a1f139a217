// Which container of a task, and which of its ports, the load balancer talks to. Pure.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { nearest } from '../base/nearest.ts';
import { refuse } from '../base/flag-values.ts';

export interface Served {
  containerName: string;
  containerPort: number;
}

/** What people chose by --container and --container-port. */
export interface Choice {
  container?: string | undefined;
  containerPort?: number | undefined;
}

/**
 * Every tcp port that a container maps, the one that is most likely meant first: an essential container before a helper,
 * then what is said to speak HTTP or maps port 80, then the document's order.
 */
export function servable(containers: readonly ContainerDefinition[]): Served[] {
  const ranked = containers.flatMap(({ name = '', essential = true, portMappings = [] }) =>
    portMappings.flatMap(({ containerPort, protocol = 'tcp', appProtocol = '' }) => {
      if (containerPort === undefined || protocol !== 'tcp') return [];
      const rank = (essential ? 2 : 0) + (appProtocol.startsWith('http') || containerPort === 80 ? 1 : 0);
      return { rank, containerName: name, containerPort };
    }),
  );
  return ranked
    .toSorted((one, other) => other.rank - one.rank)
    .map(({ containerName, containerPort }) => ({ containerName, containerPort }));
}

/**
 * Those that the choice leaves, the best first.
 * @param served not empty
 * @throws EcsdemoError `usage` when it leaves none
 */
export function chosen(served: readonly Served[], { container, containerPort }: Choice): Served[] {
  const named = served.filter(({ containerName }) => container === undefined || containerName === container);
  if (container !== undefined && named.length === 0) {
    const names = [...new Set(served.map(({ containerName }) => containerName))];
    const meant = nearest(container, names) ?? names[0] ?? '';
    refuse(
      '--container',
      container,
      `maps no tcp port in the task definition file; ${names.join(', ')} ${names.length === 1 ? 'does' : 'do'}`,
      {
        flags: { container: meant },
      },
    );
  }
  const left = named.filter((each) => containerPort === undefined || each.containerPort === containerPort);
  if (containerPort !== undefined && left.length === 0) {
    const ports = named.map((each) => `${each.containerName}:${each.containerPort}`);
    refuse(
      '--container-port',
      String(containerPort),
      `is not mapped in the task definition file, which has ${ports.join(', ')}`,
      {
        flags: { 'container-port': named[0]?.containerPort ?? 0 },
      },
    );
  }
  return left;
}

export function isSameServed(one: Partial<Served> | undefined, other: Served): boolean {
  return one?.containerName === other.containerName && one.containerPort === other.containerPort;
}
