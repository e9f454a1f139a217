// ECS's rules for one container of a task definition. Texts without a source are ours: ECS's own are not confirmed. Pure.
import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import { quoted } from '../../base/quoted.ts';
import type { JsonPath } from '../json-lines.ts';
import { type Broken, called, either, ofEach, type Rule } from './rule.ts';
import { namePattern } from './task-rules.ts';

/** MiB; Docker starts no container with less (aws-facts §2.1). */
const leastMemory = 6;

/** The ranges of the API's documentation, in seconds but for `retries`. */
const healthRanges = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const;

/** What ECS hands on to Docker for awslogs. */
const awslogsOptions = [
  'awslogs-group',
  'awslogs-region',
  'awslogs-stream-prefix',
  'awslogs-create-group',
  'awslogs-datetime-format',
  'awslogs-multiline-pattern',
  'mode',
  'max-buffer-size',
];

const ulimitNames: readonly string[] = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

const isPort = (port: number | undefined, least: number): boolean =>
  port === undefined || (Number.isInteger(port) && port >= least && port <= 65_535);

/** '9000-9005' → [9000, 9005] */
function rangeOf(range: string): [number, number] | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(range) ?? [];
  const [from, to] = [Number(first), Number(last)];
  return from >= 1 && from < to && to <= 65_535 ? [from, to] : undefined;
}

/** The 120 seconds of stopTimeout in the documentation are Fargate's; the agent takes more. */
const wholeNumbers = ['cpu', 'memory', 'memoryReservation', 'startTimeout', 'stopTimeout'] as const;

function* wholeNumber(
  container: ContainerDefinition,
  at: JsonPath,
  member: (typeof wholeNumbers)[number],
): Iterable<Broken> {
  const value = container[member];
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return;
  yield {
    path: [...at, member],
    ecs: `Invalid '${member}' setting for container '${container.name}'.`,
    words: `has ${member} ${value} for ${called(container)}, which is not a whole number`,
  };
}

function* port(container: ContainerDefinition, at: JsonPath, mapping: PortMapping, mode: string): Iterable<Broken> {
  const { containerPort, hostPort, protocol = 'tcp', containerPortRange: range } = mapping;
  const { name } = container;
  const who = called(container);
  if (range !== undefined && (containerPort !== undefined || hostPort !== undefined || mode === 'host')) {
    const why = mode === 'host' ? 'which host mode does not take' : 'beside a port of its own: write one of the two';
    const path = [...at, 'containerPortRange'];
    const ecs = `Invalid 'containerPortRange' setting for container '${name}'.`;
    yield { path, ecs, words: `has containerPortRange ${quoted(range)} for ${who}, ${why}` };
  } else if (range !== undefined && rangeOf(range) === undefined) {
    const path = [...at, 'containerPortRange'];
    const ecs = `Invalid 'containerPortRange' setting for container '${name}'.`;
    yield {
      path,
      ecs,
      words: `has containerPortRange ${quoted(range)} for ${who}, which is not of the form "9000-9005"`,
    };
  }
  // aws-cli#7288
  if (range === undefined && (containerPort === undefined || !isPort(containerPort, 1))) {
    const path = [...at, 'containerPort'];
    const words =
      containerPort === undefined
        ? `has a port mapping without containerPort for ${who}: write the port that its program listens on`
        : `has containerPort ${containerPort} for ${who}, which is not a port: 1 to 65535`;
    yield { path, ecs: `Invalid 'containerPort' setting for container '${name}'.`, words };
  }
  if (!isPort(hostPort, 0)) {
    const words = `has hostPort ${hostPort} for ${who}, which is not a port: 1 to 65535, or 0 for any that is free`;
    yield { path: [...at, 'hostPort'], ecs: `Invalid 'hostPort' setting for container '${name}'.`, words };
  }
  if (protocol !== 'tcp' && protocol !== 'udp') {
    yield {
      path: [...at, 'protocol'],
      ecs: `Invalid protocol '${String(protocol)}' in the port mappings of container '${name}'`,
      words: `has protocol ${quoted(String(protocol))} for ${who}, which is not "tcp" or "udp"`,
    };
  }
  if (['host', 'awsvpc'].includes(mode) && hostPort !== undefined && hostPort !== 0 && hostPort !== containerPort) {
    yield {
      path: [...at, 'hostPort'],
      ecs: `When networkMode=${mode}, the host ports and container ports in port mappings must match.`,
      words: `has hostPort ${hostPort} and containerPort ${containerPort} for ${who}; in networkMode "${mode}" they are one: leave hostPort out`,
    };
  }
}

/** In the order in which a document is looked at. */
export const containerRules = {
  name: ofEach(function* (container, at) {
    const { name = '' } = container;
    const path = [...at, 'name'];
    if (namePattern.test(name)) return;
    const ecs =
      name === ''
        ? 'Container.name should not be null or empty.'
        : `Invalid container name '${name}': only letters, numbers, hyphens and underscores are allowed.`;
    const words = `has a container name ${quoted(name)} that is not 1 to 255 letters, digits, hyphens and underscores`;
    yield { path, ecs, words };
  }),
  image: ofEach(function* (container, at) {
    const { image = '' } = container;
    const path = [...at, 'image'];
    const who = called(container);
    if (image === '') {
      const words = `has no image for ${who}: write one, such as "nginx:alpine"`;
      yield { path, ecs: 'Container.image should not be null or empty.', words };
    } else if (!/^[A-Za-z0-9._:/@#-]{1,255}$/.test(image)) {
      const why = /[<>${}%]/.test(image)
        ? 'a placeholder that nobody has filled in: write an image, such as "nginx:alpine"'
        : 'which is not an image name of at most 255 letters, digits and . _ - : / @ #';
      const ecs = 'Container.image contains invalid characters.';
      yield { path, ecs, words: `has image ${quoted(image)} for ${who}, ${why}` };
    }
  }),
  amounts: ofEach(function* (container, at) {
    for (const member of wholeNumbers) yield* wholeNumber(container, at, member);
  }),
  leastMemory: ofEach(function* (container, at) {
    for (const member of ['memory', 'memoryReservation'] as const) {
      const value = container[member];
      if (value === undefined || value >= leastMemory) continue;
      yield {
        path: [...at, member],
        ecs: `Invalid '${member}' setting for container '${container.name}': the minimum is ${leastMemory} MiB.`,
        words: `has ${member} ${value} for ${called(container)}; ECS takes ${leastMemory} MiB and more`,
      };
    }
  }),
  someMemory: ofEach(function* (container, at, { document }) {
    const { name, memory, memoryReservation } = container;
    if (memory !== undefined || memoryReservation !== undefined || document.memory !== undefined) return;
    yield {
      path: at,
      ecs: `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
      words: `has neither memory nor memoryReservation for ${called(container)}: write one of them, in MiB`,
    };
  }),
  reservation: ofEach(function* (container, at) {
    const { name, memory, memoryReservation } = container;
    if (memory === undefined || memoryReservation === undefined || memoryReservation <= memory) return;
    yield {
      path: [...at, 'memoryReservation'],
      ecs: `Invalid setting for container '${name}'. 'memory' must be greater than or equal to 'memoryReservation'.`,
      words: `has memoryReservation ${memoryReservation} above memory ${memory} for ${called(container)}: what is reserved may be at most the limit`,
    };
  }),
  ports: ofEach(function* (container, at, { networkMode }) {
    for (const [index, mapping] of (container.portMappings ?? []).entries())
      yield* port(container, [...at, 'portMappings', index], mapping, networkMode);
  }),
  /** ecs-deplojo#26; extraHosts by the API's documentation. */
  ownNetwork: ofEach(function* (container, at, { networkMode }) {
    if (networkMode !== 'awsvpc') return;
    const { hostname, extraHosts = [] } = container;
    const words = (member: string): string =>
      `has ${member} for ${called(container)}, which networkMode "awsvpc" does not take: leave it out`;
    if (hostname !== undefined && hostname !== '') {
      const ecs = 'hostname is not supported on container when networkMode=awsvpc.';
      yield { path: [...at, 'hostname'], ecs, words: words(`hostname ${quoted(hostname)}`) };
    }
    if (extraHosts.length > 0) {
      const ecs = 'Extra hosts are not supported when networkMode=awsvpc.';
      yield { path: [...at, 'extraHosts'], ecs, words: words('extraHosts') };
    }
  }),
  /**
   * A first word other than CMD, CMD-SHELL and NONE is accepted, as ECS accepts it (aws-cdk#34389); Docker then runs no
   * check.
   */
  healthCheck: ofEach(function* (container, at) {
    const { name, healthCheck } = container;
    if (healthCheck === undefined) return;
    const path = [...at, 'healthCheck'];
    const [kind, first] = healthCheck.command ?? [];
    if (kind === undefined || (kind.startsWith('CMD') && (first ?? '') === '')) {
      yield {
        path: [...path, 'command'],
        ecs: `Health check of container '${name}' has no command.`,
        words: `has a health check without a command for ${called(container)}: write one, such as ["CMD-SHELL", "curl -f http://localhost/ || exit 1"]`,
      };
    }
    for (const [member, [least, most]] of Object.entries(healthRanges)) {
      const value = healthCheck[member as keyof typeof healthRanges];
      if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) continue;
      yield {
        path: [...path, member],
        ecs: `Invalid health check of container '${name}': ${member} is ${value}, it must be between ${least} and ${most}.`,
        words: `has ${member} ${value} in the health check of ${called(container)}; ECS takes ${least} to ${most}`,
      };
    }
  }),
  environment: ofEach(function* (container, at) {
    for (const [index, { name = '' }] of (container.environment ?? []).entries()) {
      if (name.trim() !== '') continue;
      yield {
        path: [...at, 'environment', index],
        // terraform-aws-template#2
        ecs: 'Environment variable name cannot be null or blank.',
        words: `has an environment variable without a name for ${called(container)}`,
      };
    }
  }),
  secretsTwice: ofEach(function* (container, at) {
    const plain = new Set((container.environment ?? []).map(({ name }) => name));
    for (const [index, { name }] of (container.secrets ?? []).entries()) {
      if (!plain.has(name)) continue;
      yield {
        path: [...at, 'secrets', index],
        ecs: `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${name}'.`,
        words: `has ${quoted(name ?? '')} for ${called(container)} as a secret and in its environment: leave one of them out`,
      };
    }
  }),
  secretsRole: ofEach(function* (container, at, { document }) {
    if ((container.secrets ?? []).length === 0 || (document.executionRoleArn ?? '') !== '') return;
    yield {
      path: [...at, 'secrets'],
      // ecs-deploy#87
      ecs: "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
      words: `has secrets for ${called(container)} but no executionRoleArn: name the role that may read them, beside containerDefinitions`,
    };
  }),
  ulimits: ofEach(function* (container, at) {
    for (const [index, { name = '', softLimit = 0, hardLimit = 0 }] of (container.ulimits ?? []).entries()) {
      const path = [...at, 'ulimits', index];
      if (!ulimitNames.includes(name)) {
        const words = `has a ulimit ${quoted(name)} for ${called(container)}, which is not ${either(ulimitNames)}`;
        // The text: Shippable/support#3699.
        yield { path: [...path, 'name'], ecs: `Unrecognized ulimit name ${name}`, words };
      } else if (softLimit > hardLimit && hardLimit !== -1) {
        yield {
          path: [...path, 'softLimit'],
          ecs: `Invalid 'ulimits' setting for container '${container.name}': the soft limit of ${name} is above its hard limit.`,
          words: `has softLimit ${softLimit} above hardLimit ${hardLimit} of ${name} for ${called(container)}`,
        };
      }
    }
  }),
  /** terraform-aws-ecs#173 and #206, tflint-ruleset-aws#348, amazon-ecs-firelens-examples#83. */
  awslogs: ofEach(function* (container, at) {
    const { logConfiguration } = container;
    if (logConfiguration?.logDriver !== 'awslogs') return;
    const given = logConfiguration.options ?? {};
    const path = [...at, 'logConfiguration', 'options'];
    const who = called(container);
    const missing = ['awslogs-region', 'awslogs-group'].filter((name) => given[name] === undefined);
    if (missing.length > 0) {
      const words = `has the log driver awslogs for ${who} without ${missing.join(' and ')}`;
      yield { path, ecs: `Log driver awslogs requires options: ${missing.join(', ')}`, words };
    }
    const unknown = Object.keys(given).filter((name) => !awslogsOptions.includes(name));
    if (unknown.length > 0) {
      const words = `has ${unknown.join(', ')} for the log driver awslogs of ${who}; it takes ${awslogsOptions.join(', ')}`;
      yield {
        path: [...path, unknown[0] ?? ''],
        ecs: `Log driver awslogs disallows options: ${unknown.join(', ')}`,
        words,
      };
    }
    for (const [name, value] of Object.entries(given)) {
      if (value !== '') continue;
      const ecs = `Log driver awslogs option '${name}' should not be null or empty.`;
      yield { path: [...path, name], ecs, words: `has an empty ${name} for ${who}` };
    }
    const create = given['awslogs-create-group'];
    if (create !== undefined && create !== '' && create !== 'true') {
      yield {
        path: [...path, 'awslogs-create-group'],
        ecs: "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option.",
        words: `has awslogs-create-group ${quoted(create)} for ${who}: write "true", or leave it out`,
      };
    }
  }),
} satisfies Record<string, Rule>;
