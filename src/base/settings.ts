// What a person asked for, checked and with defaults filled in: one plain value that every command is run from.
// Precedence: flag, environment variable, default. Pure: the environment is handed in, nothing is read or called.
import {
  cidr,
  commandWords,
  duration,
  ec2Id,
  flagOnOff,
  integer,
  lifetime,
  listOf,
  oneOf,
  refuse,
  shaped,
  urlPath,
  type Parse,
} from './flag-values.ts';
import { EcsdemoError } from './errors.ts';
import { defaultDemo, demoName } from './names.ts';
import { present } from './present.ts';

/** Where the AWS calls go, when that is known before the SDK is asked: the sandbox. */
export interface Endpoint {
  url: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export interface Settings {
  /** The demo's name; its chapter makes its resources' names of it. @default 'my' */
  demo: string;
  /** Absent: whatever the SDK finds (AWS_REGION, AWS_DEFAULT_REGION, the profile). */
  region?: string;
  profile?: string;
  /** Guard: 12 digits; refuse to work on any other account. */
  account?: string;
  /** Work on the local sandbox. @default false */
  local: boolean;
  /** Set by the command with --local; absent: the SDK's own endpoint, AWS_ENDPOINT_URL included. */
  endpoint?: Endpoint;
  /** How long the whole command may take, in milliseconds. @default 20 minutes */
  timeoutMs: number;
  /** Tasks. Absent: nobody asked; `up` makes one, and leaves what is there as it is. */
  count?: number;
  /** Container instances. Absent: nobody asked; `up` makes one, and leaves what is there as it is. */
  instances?: number;
  /** Id of the last step that `up` does. Absent: all. */
  through?: string;
  dryRun: boolean;
  /** Absent: nobody asked; what is there, otherwise `defaults.instanceType`. */
  instanceType?: string;
  /** Absent: the template's. */
  image?: string;
  /** The port that `image` listens on; of a file, which of its mapped ports the load balancer talks to. Absent: the template's. */
  containerPort?: number;
  /** Of a file: the container that the load balancer talks to. Absent: what the service has, or the likeliest. */
  container?: string;
  /** Absent: the template's. */
  command?: string[];
  /** A person's own document in place of the template. */
  taskDefinitionFile?: string;
  /** Text that the answer must contain. Absent: nobody asked; what `up` was told, otherwise `defaults.expect`. */
  expect?: string;
  /** Of the request and the health check. Absent: nobody asked; what `up` was told, otherwise `defaults.path`. */
  path?: string;
  keyName?: string;
  sshFrom?: string;
  vpcId?: string;
  subnetIds?: string[];
  /** How long what `up` makes may live before `sweep --expired` takes it, in milliseconds. Absent: for ever. */
  ttlMs?: number;
  /** Of `sweep`: only demos at least so old, in milliseconds. */
  olderThanMs?: number;
  /** Of `sweep`: only demos whose expiry has passed. @default false */
  expired?: boolean;
  /** Of `sweep`: only demos whose name starts so. */
  namePrefix?: string;
  adopt: boolean;
  yes: boolean;
  /** Nobody is to be asked, also where somebody could be. @default false */
  noInput?: boolean;
  onInstance: boolean;
  watch: boolean;
  /** Show where the time went. Absent: no. */
  timings?: boolean;
  /** The pace that the sandbox is to have: 'fast', 'real' or a number. Absent: nobody asked. */
  pace?: string;
  /** How many times faster than on AWS time runs where the calls go. Set by the command with --local. @default 1 */
  timeScale?: number;
}

/** How the command talks, apart from what it does. */
export interface OutputSettings {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  /** False when --no-color or ECSDEMO_NO_COLOR says so; a stream may have its own reasons. */
  colour: boolean;
}

/** What oclif parsed, by flag name without dashes; absent: the flag was not given. */
export type GivenFlags = Readonly<Record<string, string | boolean | undefined>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** `--dry-run` → `ECSDEMO_DRY_RUN` */
export function variableOf(flag: string): string {
  return `ECSDEMO_${flag.toUpperCase().replaceAll('-', '_')}`;
}

export const defaults = {
  timeout: '20m',
  instanceType: 't3.micro',
  expect: '42',
  path: '/',
  count: 1,
  instances: 1,
  /** The quota of targets of one load balancer bounds the tasks. */
  countMax: 1000,
  instancesMax: 20,
} as const;

const asGiven: Parse<string> = (text, source) => (text.trim() === '' ? refuse(source, text, 'is empty') : text);
const region = shaped(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region', 'us-east-1');
const account = shaped(/^\d{12}$/, 'an account id: 12 digits', '123456789012');
const instanceType = shaped(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an instance type', 't3.micro');
/** [host[:port]/]path[:tag][@digest], as registries take it; ECS allows 255 characters. */
const image = shaped(
  /^(?=.{1,255}$)(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
  'an image name',
  'nginx:alpine',
);
const containerName = shaped(/^[A-Za-z0-9_-]{1,255}$/, 'a container name', 'web');
const keyName = shaped(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/, 'a key pair name', 'my-key');
const namePrefix = shaped(/^[A-Za-z][A-Za-z0-9-]{0,18}$/, 'the start of a demo name', 'ci-');
/** Slower than a tenth of AWS nobody waits for; faster than a thousand times, timers have no grain left. */
export const pace: Parse<string> = (text, source) => {
  const times = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (text === 'fast' || text === 'real' || (times >= 0.1 && times <= 1000)) return text;
  const why = "is not a pace: 'fast', 'real', or how many times faster than AWS, from 0.1 to 1000";
  return source.startsWith('--') || source.startsWith('ECSDEMO_')
    ? refuse(source, text, why, { flags: { pace: 10 } })
    : refuse(source, text, why, { command: 'sandbox pace', args: ['10'] });
};

interface Reader {
  /** Undefined when neither the flag nor its variable is there. An empty variable counts as not there. */
  value<Value>(flag: string, parse: Parse<Value>): Value | undefined;
  on(flag: string): boolean;
  /** The flag or variable that the value came from. */
  source(flag: string): string | undefined;
}

/** One flag's value by its own rules, for what only one command has. Undefined: neither flag nor variable is there. */
export function valueOf<Value>(
  flags: GivenFlags,
  env: Environment,
  flag: string,
  parse: Parse<Value>,
): Value | undefined {
  return reader(flags, env).value(flag, parse);
}

function reader(flags: GivenFlags, env: Environment): Reader {
  const find = (flag: string): { text: string | boolean; source: string } | undefined => {
    const fromFlag = flags[flag];
    if (fromFlag !== undefined) return { text: fromFlag, source: `--${flag}` };
    const fromEnv = env[variableOf(flag)];
    return fromEnv === undefined || fromEnv === '' ? undefined : { text: fromEnv, source: variableOf(flag) };
  };
  return {
    value(flag, parse) {
      const found = find(flag);
      return found === undefined ? undefined : parse(String(found.text), found.source);
    },
    on(flag) {
      const found = find(flag);
      if (found === undefined) return false;
      return typeof found.text === 'boolean' ? found.text : flagOnOff(found.text, found.source);
    },
    source: (flag) => find(flag)?.source,
  };
}

/**
 * Only flags named in `accepted` are looked up in the environment: ECSDEMO_COUNT is nothing to `destroy`.
 * @param steps what --through takes; none: anything, and `up` refuses what is no step
 * @throws EcsdemoError `usage` or `name-invalid`, naming the flag or variable and its value.
 */
export function settingsFrom(
  flags: GivenFlags,
  env: Environment,
  accepted: readonly string[],
  steps: readonly string[] = [],
): Settings {
  const known: Environment = Object.fromEntries(accepted.map((flag) => [variableOf(flag), env[variableOf(flag)]]));
  const read = reader(flags, known);
  const demo = read.value('name', demoName) ?? defaultDemo;
  const settings: Settings = present({
    demo,
    local: read.on('local'),
    timeoutMs: read.value('timeout', duration) ?? duration(defaults.timeout, 'default'),
    count: read.value('count', integer(0, defaults.countMax)),
    instances: read.value('instances', integer(0, defaults.instancesMax)),
    dryRun: read.on('dry-run'),
    instanceType: read.value('instance-type', instanceType),
    expect: read.value('expect', asGiven),
    path: read.value('path', urlPath),
    adopt: read.on('adopt'),
    yes: read.on('yes'),
    noInput: read.on('no-input') || undefined,
    onInstance: read.on('on-instance'),
    watch: read.on('watch'),
    timings: read.on('timings') || undefined,
    pace: read.value('pace', pace),
    region: read.value('region', region),
    profile: read.value('profile', asGiven),
    account: read.value('account', account),
    through: read.value('through', steps.length === 0 ? asGiven : oneOf(steps, 'a step')),
    image: read.value('image', image),
    containerPort: read.value('container-port', integer(1, 65_535)),
    container: read.value('container', containerName),
    command: read.value('command', commandWords),
    taskDefinitionFile: read.value('task-definition', asGiven),
    keyName: read.value('key-name', keyName),
    sshFrom: read.value('ssh-from', cidr),
    vpcId: read.value('vpc-id', ec2Id('vpc')),
    subnetIds: read.value('subnet-ids', listOf(ec2Id('subnet'), 2)),
    ttlMs: read.value('ttl', lifetime),
    olderThanMs: read.value('older-than', lifetime),
    expired: read.on('expired') || undefined,
    namePrefix: read.value('name-prefix', namePrefix),
  });
  refuseContradictions(settings, read, accepted);
  return settings;
}

function refuseContradictions(settings: Settings, read: Reader, accepted: readonly string[]): void {
  const both = (one: string, other: string, why: string): never =>
    refuse(read.source(one) ?? '', String(read.value(one, asGiven)), `cannot go with ${read.source(other)}: ${why}`);
  if (settings.taskDefinitionFile !== undefined) {
    if (settings.image !== undefined) both('image', 'task-definition', 'write the image into the file');
    if (settings.command !== undefined) both('command', 'task-definition', 'write the command into the file');
  } else if (read.source('container') === '--container') {
    refuse('--container', settings.container ?? '', 'needs --task-definition: the tutorial has one container only');
  }
  if (settings.vpcId !== undefined && settings.subnetIds === undefined) {
    refuse(
      read.source('vpc-id') ?? '',
      settings.vpcId,
      'needs --subnet-ids: at least two of its subnets, in two zones',
    );
  }
  if (
    !settings.local &&
    settings.pace !== undefined &&
    accepted.includes('local') &&
    read.source('pace') === '--pace'
  ) {
    refuse('--pace', settings.pace, 'is for the sandbox: AWS has its own', {
      flags: { local: true, pace: settings.pace },
    });
  }
  if (settings.local) {
    // A variable that is always set must not stand in the way of --local; a flag typed beside it is a contradiction.
    for (const flag of ['profile', 'region']) {
      if (read.source(flag) === `--${flag}`) both(flag, 'local', 'the sandbox has its own');
    }
  }
}

/** @throws EcsdemoError `usage` */
export function outputFrom(flags: GivenFlags, env: Environment): OutputSettings {
  const read = reader(flags, env);
  const output = {
    json: read.on('json'),
    quiet: read.on('quiet'),
    verbose: read.on('verbose'),
    colour: !read.on('no-color'),
  };
  if (output.quiet && output.verbose) {
    throw new EcsdemoError('usage', `${read.source('quiet')} cannot go with ${read.source('verbose')}`);
  }
  return output;
}
