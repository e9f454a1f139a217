// ECS's rules for what a task definition says of the task as a whole. Texts without a source are ours: ECS's own are not
// confirmed. Pure.
import { cpuUnits, mebibytes } from '../amounts.ts';
import { type Broken, containersOf, either, networkModeOf, type Rule } from './rule.ts';

/** What ECS takes for one task definition, in bytes of its JSON (service quotas of ECS). */
const longestDocument = 65_536;

/** Service quotas of ECS; the text: amazon-ecs-cli#184. */
const mostContainers = 10;

const compatibilities: readonly string[] = ['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'];
const networkModes: readonly string[] = ['bridge', 'host', 'awsvpc', 'none'];

export const namePattern = /^[A-Za-z0-9_-]{1,255}$/;

/** A placeholder that a pipeline or a person was to fill in: <ROLE>, ${ROLE}, {{ role }}. */
const placeholder = /<[^<>]*>|\$\{?\w|\{\{.*\}\}/;

function* amounts(member: 'cpu' | 'memory', value: string | undefined, read: typeof cpuUnits): Iterable<Broken> {
  if (value === undefined || !Number.isNaN(read(value))) return;
  const like = member === 'cpu' ? '"256" or ".25 vCPU"' : '"512" or "0.5 GB"';
  yield {
    path: [member],
    ecs: `Invalid '${member}' setting for task.`,
    words: `has ${member} ${JSON.stringify(value)}, which is not an amount such as ${like}`,
  };
}

/** In the order in which a document is looked at. */
export const taskRules = {
  *size(document) {
    const { tags: _, ...rest } = document;
    const length = Buffer.byteLength(JSON.stringify(rest));
    if (length <= longestDocument) return;
    yield {
      path: [],
      ecs: `Actual length: '${length}'. Max allowed length is '${longestDocument}' bytes.`,
      words: `is ${Math.ceil(length / 1024)} KiB large without its blanks; ECS takes 64 KiB`,
    };
  },
  *family({ family = '' }) {
    const path = ['family'];
    if (family === '') yield { path, ecs: 'Family should not be null or empty.', words: 'has no family' };
    // amazon-ecs-cli#37
    else if (!namePattern.test(family)) {
      const words = `has family ${JSON.stringify(family)}, which is not 1 to 255 letters, digits, hyphens and underscores`;
      yield { path, ecs: 'Family contains invalid characters.', words };
    }
  },
  *containers(document) {
    const { length } = containersOf(document);
    const path = ['containerDefinitions'];
    if (length === 0) yield { path, ecs: 'Container list cannot be empty.', words: 'has no containerDefinitions' };
    if (length > mostContainers) {
      const words = `has ${length} containers; ECS takes ${mostContainers} in one task definition`;
      yield { path, ecs: 'Too many containers.', words };
    }
  },
  *compatibilities({ requiresCompatibilities = [] }) {
    for (const [index, wanted] of requiresCompatibilities.entries()) {
      if (compatibilities.includes(wanted)) continue;
      yield {
        path: ['requiresCompatibilities', index],
        ecs: `Invalid requiresCompatibilities value: ${wanted}.`,
        words: `requires ${JSON.stringify(wanted)}, which is not ${either(compatibilities)}`,
      };
    }
  },
  *networkMode(document) {
    const mode = networkModeOf(document);
    if (!networkModes.includes(mode)) {
      const words = `has networkMode ${JSON.stringify(mode)}, which is not ${either(networkModes)}`;
      yield { path: ['networkMode'], ecs: `Invalid networkMode: ${mode}.`, words };
    } else if (mode !== 'awsvpc' && document.requiresCompatibilities?.includes('FARGATE') === true) {
      yield {
        path: ['requiresCompatibilities'],
        ecs: 'Fargate only supports network mode ‘awsvpc’.',
        words: `requires FARGATE, which takes networkMode "awsvpc" only and not ${JSON.stringify(mode)}: write "awsvpc", or requiresCompatibilities ["EC2"]`,
      };
    }
  },
  cpu: ({ cpu }) => amounts('cpu', cpu, cpuUnits),
  memory: ({ memory }) => amounts('memory', memory, mebibytes),
  *roles(document) {
    for (const member of ['taskRoleArn', 'executionRoleArn'] as const) {
      const role = document[member];
      if (role === undefined || !placeholder.test(role)) continue;
      yield {
        path: [member],
        ecs: 'Role is not valid',
        words: `has ${member} ${JSON.stringify(role)}, a placeholder that nobody has filled in: write the role, such as "arn:aws:iam::123456789012:role/ecsTaskExecutionRole", or leave it out`,
      };
    }
  },
  *volumes({ volumes = [] }) {
    const seen = new Set<string>();
    for (const [index, { name = '' }] of volumes.entries()) {
      const path = ['volumes', index, 'name'];
      const shown = JSON.stringify(name);
      // amazon-ecs-cli#277
      if (!namePattern.test(name)) {
        const words = `has a volume name ${shown}, which is not 1 to 255 letters, digits, hyphens and underscores`;
        yield { path, ecs: 'volume.name contains invalid characters.', words };
      } else if (seen.has(name)) {
        const words = `has a second volume ${shown}; each needs a name of its own`;
        yield { path, ecs: `Volume names must be unique within a Task Definition.`, words };
      }
      seen.add(name);
    }
  },
  /** amazon-ecs-cli#11. */
  *volumePaths({ volumes = [] }) {
    for (const [index, { name, host }] of volumes.entries()) {
      if (host?.sourcePath?.trim() !== '') continue;
      yield {
        path: ['volumes', index, 'host', 'sourcePath'],
        ecs: 'host.sourcePath should not be blank.',
        words: `has an empty sourcePath for the volume ${JSON.stringify(name)}: write a path of the container instance, or leave it out`,
      };
    }
  },
} satisfies Record<string, Rule>;
