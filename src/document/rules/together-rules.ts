// ECS's rules for what no container of a task definition can say alone: names, sums, ports, volumes and who waits for whom.
// Texts without a source are ours: ECS's own are not confirmed. Pure.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { cpuUnits, mebibytes } from '../amounts.ts';
import { quoted } from '../../base/quoted.ts';
import { called, containersOf, either, ofEach, type Rule } from './rule.ts';

const conditions: readonly string[] = ['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'];

/** 'db:mysql' → 'db' */
export const linkedName = (link: string): string => link.split(':')[0] ?? '';

/** The names along which following `next` leads back to where it began; undefined: it never does. */
export function cycleOf(names: readonly string[], next: (name: string) => readonly string[]): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]): string[] | undefined => {
    if (above.includes(name)) return [...above.slice(above.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const one of next(name)) {
      const found = visit(one, [...above, name]);
      if (found !== undefined) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of names) {
    const found = visit(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function around(
  containers: readonly ContainerDefinition[],
  next: (container: ContainerDefinition) => string[],
): { index: number; words: string } | undefined {
  const of = (name: string): string[] => containers.filter((one) => one.name === name).flatMap(next);
  const cycle = cycleOf(
    containers.map(({ name = '' }) => name),
    of,
  );
  if (cycle === undefined) return undefined;
  return { index: containers.findIndex(({ name }) => name === cycle[0]), words: cycle.join(' → ') };
}

/** Who else there is, for who slipped in a name. */
function others(containers: readonly ContainerDefinition[], but: ContainerDefinition): string {
  const names = containers.filter((one) => one !== but).map(({ name = '' }) => quoted(name));
  return names.length === 0 ? 'the task has no other container' : `the task has ${names.join(', ')}`;
}

const isChecked = ({ healthCheck }: ContainerDefinition): boolean => (healthCheck?.command ?? ['NONE'])[0] !== 'NONE';

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** In the order in which a document is looked at. */
export const togetherRules = {
  /** Shippable/support#2946. */
  names: ofEach(function* (container, at, { containers }) {
    if (containers.findIndex(({ name }) => name === container.name) === at[1]) return;
    yield {
      path: [...at, 'name'],
      ecs: 'Container names must be unique within a Task Definition.',
      words: `has a second ${called(container)}; each needs a name of its own`,
    };
  }),
  /** hako#68. */
  *essential(document) {
    const containers = containersOf(document);
    if (containers.length === 0 || containers.some(({ essential }) => essential !== false)) return;
    yield {
      path: ['containerDefinitions', 0, 'essential'],
      ecs: "Task definition doesn't have any essential container.",
      words: 'has no essential container; ECS needs one: write true for the one that the task is about',
    };
  },
  /** pulumi-awsx#1220. */
  containerMemory: ofEach(function* (container, at, { document }) {
    const { memory = 0 } = container;
    if (document.memory === undefined || memory <= mebibytes(document.memory)) return;
    yield {
      path: [...at, 'memory'],
      ecs: `The 'memory' setting for container '${container.name}' is greater than for the task.`,
      words: `has memory ${memory} for ${called(container)} in a task of memory ${quoted(document.memory)}: write less, or more for the task`,
    };
  }),
  /** dreamkast-infra#4766. */
  *reservedMemory(document) {
    if (document.memory === undefined) return;
    const reserved = sum(containersOf(document).map(({ memoryReservation = 0 }) => memoryReservation));
    if (reserved <= mebibytes(document.memory)) return;
    yield {
      path: ['memory'],
      ecs: "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
      words: `has memory ${quoted(document.memory)} for the task, but its containers reserve ${reserved} MiB together: write ${quoted(String(reserved))} or more`,
    };
  },
  /** aws-cdk#1553. */
  *sharedCpu(document) {
    if (document.cpu === undefined) return;
    const shares = sum(containersOf(document).map(({ cpu = 0 }) => cpu));
    if (shares <= cpuUnits(document.cpu)) return;
    yield {
      path: ['cpu'],
      ecs: "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
      words: `has cpu ${quoted(document.cpu)} for the task, but its containers take ${shares} units together: write ${quoted(String(shares))} or more`,
    };
  },
  /** amazon-ecs-agent#1220. */
  *hostPorts(document) {
    const taken = new Map<string, string>();
    for (const [index, container] of containersOf(document).entries()) {
      for (const [place, { hostPort = 0, protocol = 'tcp' }] of (container.portMappings ?? []).entries()) {
        if (hostPort === 0) continue;
        const key = `${protocol.toUpperCase()} host port '${hostPort}'`;
        const first = taken.get(key);
        if (first !== undefined) {
          yield {
            path: ['containerDefinitions', index, 'portMappings', place, 'hostPort'],
            ecs: `${key} is mapped multiple times in task.`,
            words: `has hostPort ${hostPort} for ${called(container)}, which ${first} has already: write another, or 0 for any that is free`,
          };
        }
        taken.set(key, called(container));
      }
    }
  },
  /** ansible#35751. */
  mounts: ofEach(function* (container, at, { document }) {
    const volumes = (document.volumes ?? []).map(({ name }) => name);
    for (const [index, { sourceVolume = '' }] of (container.mountPoints ?? []).entries()) {
      if (volumes.includes(sourceVolume)) continue;
      yield {
        path: [...at, 'mountPoints', index],
        ecs: `Unknown volume '${sourceVolume}'.`,
        words: `mounts the volume ${quoted(sourceVolume)} into ${called(container)}, but volumes has none of that name: add { "name": ${quoted(sourceVolume)} } there`,
      };
    }
  }),
  volumesFrom: ofEach(function* (container, at, { containers }) {
    for (const [index, { sourceContainer = '' }] of (container.volumesFrom ?? []).entries()) {
      if (containers.some(({ name }) => name === sourceContainer)) continue;
      yield {
        path: [...at, 'volumesFrom', index],
        ecs: `Unknown container '${sourceContainer}' in volumesFrom.`,
        words: `takes volumes from the container ${quoted(sourceContainer)} for ${called(container)}; ${others(containers, container)}`,
      };
    }
  }),
  dependsOn: ofEach(function* (container, at, { containers }) {
    for (const [index, { containerName = '', condition = '' }] of (container.dependsOn ?? []).entries()) {
      const path = [...at, 'dependsOn', index];
      const who = `${called(container)} depends on`;
      const dependency = containers.find(({ name }) => name === containerName);
      if (dependency === undefined) {
        yield {
          path: [...path, 'containerName'],
          // The sign in the middle is ECS's (dagster#6926, hako#99).
          ecs: `Cannot depend on container + '${containerName}' because it does not exist`,
          words: `says that ${who} the container ${quoted(containerName)}; ${others(containers, container)}`,
        };
      } else if (!conditions.includes(condition)) {
        yield {
          path: [...path, 'condition'],
          ecs: `Invalid condition '${condition}' in the dependsOn of container '${container.name}': use ${conditions.join(', ')}.`,
          words: `has condition ${quoted(condition)} where ${who} ${quoted(containerName)}, which is not ${either(conditions)}`,
        };
      } else if ((condition === 'SUCCESS' || condition === 'COMPLETE') && dependency.essential !== false) {
        yield {
          path: [...path, 'condition'],
          ecs: 'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
          words: `says that ${who} the end of ${called(dependency)}, whose end is the end of the task: write "essential": false for it`,
        };
      } else if (condition === 'HEALTHY' && !isChecked(dependency)) {
        yield {
          path: [...path, 'condition'],
          ecs: 'A dependency container with HEALTHY condition must have health check configured',
          words: `says that ${who} ${called(dependency)} being HEALTHY, which has no healthCheck: give it one, or write "START"`,
        };
      }
    }
  }),
  dependencyCycle: function* (document) {
    const found = around(containersOf(document), ({ dependsOn = [] }) =>
      dependsOn.map(({ containerName = '' }) => containerName),
    );
    if (found === undefined) return;
    yield {
      path: ['containerDefinitions', found.index, 'dependsOn'],
      ecs: 'Container dependencies should not have a cycle',
      words: `has containers that wait for each other, so none can start: ${found.words}`,
    };
  },
  links: ofEach(function* (container, at, { containers, networkMode }) {
    for (const [index, link] of (container.links ?? []).entries()) {
      const path = [...at, 'links', index];
      const linked = linkedName(link);
      if (networkMode !== 'bridge') {
        const words = `links ${called(container)} to ${quoted(linked)}, which takes networkMode "bridge": leave links out`;
        yield { path, ecs: `Links are not supported when networkMode=${networkMode}.`, words };
      } else if (!containers.some(({ name }) => name === linked)) {
        yield {
          path,
          ecs: `Invalid link '${link}' of container '${container.name}': there is no container '${linked}'.`,
          words: `links ${called(container)} to a container ${quoted(linked)}; ${others(containers, container)}`,
        };
      }
    }
  }),
  linkCycle: function* (document) {
    const found = around(containersOf(document), ({ links = [] }) => links.map(linkedName));
    if (found === undefined) return;
    yield {
      path: ['containerDefinitions', found.index, 'links'],
      ecs: 'Container links should not have a cycle',
      words: `has containers that are linked in a circle: ${found.words}`,
    };
  },
} satisfies Record<string, Rule>;
