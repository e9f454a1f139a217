// AWS's words for why a task did not start or did not stay (stoppedReason, a container's reason, exit codes), each with what
// it means and what helps: one table, most telling first. Pure; which tasks and which container is task-failures.ts's.
import type { Container, ContainerDefinition } from '@aws-sdk/client-ecs';
import type { ErrorCode } from '../base/errors.ts';
import { pasteable, quoted } from '../base/quoted.ts';
import { sameAgain, type Suggestion } from '../base/suggestion.ts';

/** Where this run was told what the tasks are to run; all absent: nowhere, it is the template or as it was. */
export interface DefinitionSource {
  /** `--task-definition` */
  file?: string | undefined;
  /** `--image` */
  image?: string | undefined;
  /** `--command` */
  command?: readonly string[] | undefined;
}

/** What a row of the table is given. */
export interface Found {
  /** Everything AWS says of the task, in one text. */
  said: string;
  /** What `says` matched. */
  match: RegExpExecArray;
  /** The container that it is about. */
  container: Container | undefined;
  /** Its definition; undefined: it could not be read. */
  definition: ContainerDefinition | undefined;
  from: DefinitionSource;
  /** What the sandbox says that it lacks: 'has no EFS; use a host volume'. */
  lacks: string | undefined;
}

export interface Row {
  says: RegExp;
  code: ErrorCode;
  message(found: Found): string;
  suggestions(found: Found): readonly Suggestion[];
  /** @default 1: what a definition names and is not there does not come by itself */
  hopelessAfter?: number;
}

/** `container "web" (nginx)` */
export function named(container: Container | undefined): string {
  return `container ${quoted(container?.name ?? 'of the task')} (${container?.image ?? 'image unknown'})`;
}

/** The same command, once the person has changed something where the definition comes from. */
function once({ from, lacks }: Found, change: (where: string) => string): Suggestion {
  const note = (where: string): string => `once ${change(where)}${lacks === undefined ? '' : `: the sandbox ${lacks}`}`;
  return from.file === undefined
    ? { command: 'up', flags: { 'task-definition': '…' }, note: note('the task definition') }
    : { ...sameAgain, note: note(pasteable(from.file)) };
}

/** AWS's sentence without the daemon's preamble, request ids and what the sandbox adds. */
export function inShort(text: string): string {
  return text
    .replace(/\(the ecsdemo sandbox [^)]*\)/g, '')
    .replace(/Error response from daemon: /g, '')
    .replace(/https response error StatusCode: \d+, RequestID: [\w-]+, /g, '')
    .trim()
    .replace(/\.$/, '');
}

const optionsOf = ({ definition }: Found): Record<string, string> => definition?.logConfiguration?.options ?? {};

const tutorialImage: Suggestion = {
  command: 'up',
  flags: { image: 'tongueroo/sinatra:latest' },
  without: ['container-port', 'expect', 'command'],
  note: "the tutorial's",
};

/** Where the image was said, another one can be: on its own port. */
function anotherImage(found: Found): Suggestion {
  if (found.from.file !== undefined)
    return once(found, (where) => `the image of ${quoted(found.container?.name ?? '')} in ${where} can be pulled`);
  return tutorialImage;
}

/** Taken away where it was said, if it was: otherwise only its author knows better. */
function anotherCommand(found: Found, what: string): Suggestion[] {
  const { from, container } = found;
  if (from.command !== undefined) return [{ flags: {}, without: ['command'], note: "the image's own command" }];
  if (from.file === undefined) return [];
  return [once(found, (where) => `${what} of ${quoted(container?.name ?? '')} in ${where} is right`)];
}

/** What the container wrote, where that can be seen. */
function output(found: Found): Suggestion[] {
  const { 'awslogs-group': group, 'awslogs-region': region } = optionsOf(found);
  return [
    { command: 'sandbox logs', onSandbox: true, note: 'shows what it wrote' },
    ...(group === undefined
      ? []
      : [
          {
            aws: `logs filter-log-events --log-group-name ${pasteable(group)}${region === undefined ? '' : ` --region ${region}`} --query 'events[].message' --output text`,
            onAws: true as const,
            note: 'shows what it wrote',
          },
        ]),
  ];
}

/** The stand-in that listens where the container is mapped; the tutorial's own program for any port but a web server's. */
function standInFor({ definition }: Found): string {
  return definition?.portMappings?.some(({ containerPort }) => containerPort === 80) === true ? 'nginx' : 'sinatra';
}

const createLogGroup = (found: Found): Suggestion => {
  const { 'awslogs-group': group = '', 'awslogs-region': region } = optionsOf(found);
  const where = region === undefined ? '' : ` --region ${region}`;
  return { aws: `logs create-log-group --log-group-name ${pasteable(group)}${where}`, next: sameAgain };
};

const ecsTasksTrust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}';

/** Most telling first: the first row whose words a task's end contains is what it is about. */
export const stopReasons: readonly Row[] = [
  {
    says: /log ?group does not exist|log (?:stream|group): .*ResourceNotFoundException/i,
    code: 'cannot-start',
    message: (found) =>
      `${named(found.container)} cannot start: its log group ${quoted(optionsOf(found)['awslogs-group'] ?? '')} does not exist in ${optionsOf(found)['awslogs-region'] ?? 'the region'}`,
    suggestions: (found) => [createLogGroup(found)],
  },
  {
    // The policy of an instance role lets it make streams and no groups (aws-facts §1.6).
    says: /not authorized to perform: (logs:CreateLogGroup)/i,
    code: 'cannot-start',
    message: (found) =>
      `${named(found.container)} cannot start: its log group ${quoted(optionsOf(found)['awslogs-group'] ?? '')} does not exist, and the role of the instance may not create it (logs:CreateLogGroup)`,
    suggestions: (found) => [createLogGroup(found)],
  },
  {
    says: /assumed-role\/([^/\s]+)\/\S* is not authorized to perform: ([\w-]+:\w+)/i,
    code: 'cannot-start',
    message: ({ container, match }) =>
      `${named(container)} cannot start: the role ${quoted(match[1] ?? '')} may not ${match[2]}`,
    suggestions: (found) => [once(found, () => `the role ${found.match[1]} may ${found.match[2]}`)],
  },
  {
    says: /unable to assume the role '([^']+)'/i,
    code: 'cannot-start',
    message: ({ match }) =>
      `no task starts: the role ${quoted(match[1] ?? '')} of the task definition does not exist, or does not trust ecs-tasks.amazonaws.com`,
    suggestions(found) {
      const name = (found.match[1] ?? '').replace(/^.*\//, '');
      return [
        {
          aws: `iam create-role --role-name ${pasteable(name)} --assume-role-policy-document ${pasteable(ecsTasksTrust)}`,
          next: sameAgain,
          note: 'if there is none',
        },
        once(found, (where) => `taskRoleArn and executionRoleArn in ${where} name roles that ECS can assume`),
      ];
    },
  },
  {
    says: /failed to download env files: (.*)/i,
    code: 'cannot-start',
    message: ({ match }) => `no task starts: an environment file cannot be read: ${inShort(match[1] ?? '')}`,
    suggestions: (found) => [
      once(found, (where) =>
        found.lacks === undefined
          ? `environmentFiles in ${where} name a file that the execution role can read`
          : `"environment" is in ${where} in place of "environmentFiles"`,
      ),
    ],
  },
  {
    says: /unable to (?:pull secrets|retrieve secret)|retrieve secrets? from (?:asm|ssm)|secretsmanager/i,
    code: 'cannot-start',
    message: ({ said }) => `no task starts: a secret cannot be read: ${inShort(said)}`,
    suggestions: (found) => [
      once(found, (where) => `"secrets" in ${where} name what there is and its execution role may read`),
    ],
  },
  {
    says: /CannotCreateVolumeError|EFS utils|failed to resolve ".*\.efs\./i,
    code: 'cannot-start',
    message: ({ said }) => `no task starts: a volume cannot be mounted: ${inShort(said)}`,
    suggestions: (found) => [
      once(found, (where) => `"volumes" in ${where} name a file system that the instance can reach`),
    ],
  },
  {
    says: /CannotPull\w*Error: .*(?:toomanyrequests|rate limit)/i,
    code: 'cannot-pull',
    message: ({ container }) => `the image "${container?.image}" cannot be pulled: the registry limits the rate`,
    // The images of Docker Hub's library are at ECR Public as well, which lets more through (aws-facts §10).
    suggestions(found) {
      const library = /^(?:docker\.io\/)?(?:library\/)?([a-z0-9_-]+(?::[\w.-]+)?)$/.exec(found.container?.image ?? '');
      const mirror = library === null ? undefined : `public.ecr.aws/docker/library/${library[1]}`;
      if (mirror === undefined) return [{ ...sameAgain, note: 'in an hour' }];
      return found.from.file === undefined
        ? [{ command: 'up', flags: { image: mirror } }]
        : [once(found, (where) => `${mirror} is the image of ${quoted(found.container?.name ?? '')} in ${where}`)];
    },
    hopelessAfter: 3,
  },
  {
    says: /CannotPull\w*Error: .*no space left on device/i,
    code: 'cannot-pull',
    message: ({ container }) =>
      `the image "${container?.image}" cannot be pulled: the disk of the container instance is full`,
    suggestions: () => [{ command: 'destroy', next: sameAgain, note: 'gives it another instance' }],
    hopelessAfter: 2,
  },
  {
    says: /CannotPull\w*Error: .*no matching manifest for (linux\/[\w/]+)/i,
    code: 'cannot-pull',
    message: ({ container, match }) =>
      `the image "${container?.image}" cannot be pulled: there is none for the instance's processor (${match[1]})`,
    suggestions: (found) => [
      {
        command: 'destroy',
        next: {
          command: 'up',
          flags: { 'instance-type': found.match[1]?.includes('arm64') ? 't3.micro' : 't4g.micro' },
        },
        note: 'another processor',
      },
    ],
  },
  {
    says: /CannotPull\w*Error: .*(pull access denied|not found|does not exist|manifest unknown|invalid reference|unauthorized|no basic auth)/i,
    code: 'cannot-pull',
    message: ({ container, lacks }) =>
      `the image "${container?.image ?? 'of the task definition'}" cannot be pulled: ${lacks === undefined ? 'there is none of that name, or its registry wants a login' : `the sandbox ${lacks}`}`,
    suggestions(found) {
      const { from, lacks, container } = found;
      if (lacks === undefined) return [anotherImage(found)];
      return [
        {
          command: 'sandbox image add',
          args: [container?.image ?? ''],
          flags: { like: standInFor(found) },
          next: sameAgain,
          note: 'plays it with a stand-in',
        },
        ...(from.file === undefined ? [anotherImage(found)] : []),
      ];
    },
  },
  {
    says: /CannotPull\w*Error/i,
    code: 'cannot-pull',
    message: ({ container, said }) =>
      `the image "${container?.image ?? 'of the task definition'}" cannot be pulled: ${inShort(said).replace(/^.*?CannotPull\w*Error: /, '')}`,
    suggestions: () => [],
    hopelessAfter: 3,
  },
  {
    says: /container ordering dependency \[([^(\]]+)\([^\]]*?(?:Exit: (\d+))?\] for target \[([^(\]]+)/i,
    code: 'cannot-start',
    message: ({ match, said }) =>
      `container ${quoted(match[3] ?? '')} waits for ${quoted(match[1] ?? '')}, which ${match[2] === undefined ? (/has timed out/.test(said) ? 'did not get there in time' : 'will not get there') : `ended with exit code ${match[2]}`}`,
    suggestions: (found) => [
      ...output(found),
      once(found, (where) => `${quoted(found.match[1] ?? '')} in ${where} comes to what "dependsOn" asks of it`),
    ],
  },
  {
    says: /exec: "?([^":\s]+)"?: (?:executable file not found|stat .*no such file)|exec "?([^":\s]+)"?: no such file or directory/i,
    code: 'cannot-start',
    message: ({ container, match }) =>
      `${named(container)} cannot start: its command ${quoted(match[1] ?? match[2] ?? '')} is not in the image`,
    suggestions: (found) => anotherCommand(found, '"command" or "entryPoint"'),
  },
  {
    says: /Cannot(?:Start|Create)ContainerError: .*permission denied/i,
    code: 'cannot-start',
    message: ({ container }) => `${named(container)} cannot start: its command may not be executed`,
    suggestions: (found) => anotherCommand(found, '"command" or "entryPoint"'),
  },
  {
    says: /exec format error/i,
    code: 'cannot-start',
    message: ({ container }) => `${named(container)} cannot start: the image is for another processor`,
    suggestions: (found) => [once(found, (where) => `the image in ${where} is for the instance's processor`)],
  },
  {
    says: /(?:port is already allocated|address already in use)/i,
    code: 'cannot-start',
    message: ({ container }) =>
      `${named(container)} cannot start: something on the container instance has its host port already`,
    suggestions: (found) => [once(found, (where) => `"hostPort" in ${where} is 0, which takes a free one`)],
    hopelessAfter: 2,
  },
  {
    says: /OutOfMemoryError/i,
    code: 'crash-loop',
    message: ({ container, definition }) =>
      `${named(container)} is killed: it needs more than its ${definition?.memory === undefined ? 'memory' : `${definition.memory} MiB of memory`}`,
    suggestions: (found) =>
      found.definition?.memory === undefined
        ? []
        : [
            once(
              found,
              (where) =>
                `"memory" of ${quoted(found.container?.name ?? '')} in ${where} is more than ${found.definition?.memory}`,
            ),
          ],
    hopelessAfter: 2,
  },
  {
    says: /failed container health checks/i,
    code: 'container-unhealthy',
    message: ({ container, definition }) =>
      `${named(container)} runs, but its own health check fails: ${(definition?.healthCheck?.command ?? ['?']).join(' ')}`,
    suggestions: (found) => [
      once(
        found,
        (where) => `the healthCheck of ${quoted(found.container?.name ?? '')} in ${where} succeeds in its image`,
      ),
    ],
    hopelessAfter: 2,
  },
  {
    // What else an agent calls an error is the host's or AWS's own trouble, or has no advice that is sure to help.
    says: /\b([A-Z]\w+Error): /,
    code: 'cannot-start',
    message: ({ container, said }) => `${named(container)} cannot start: ${inShort(said)}`,
    suggestions: (found) => anotherCommand(found, 'the definition'),
    hopelessAfter: 3,
  },
  {
    says: /Essential container in task exited|^$/i,
    code: 'crash-loop',
    message: ({ container }) => `${named(container)} stops as soon as it starts: ${exitWords(container?.exitCode)}`,
    suggestions: (found) => [
      ...anotherCommand(found, '"command"'),
      ...(found.from.command === undefined && found.from.file === undefined && found.from.image !== undefined
        ? [tutorialImage]
        : []),
      ...output(found),
    ],
    hopelessAfter: 2,
  },
];

/** What Linux, Docker and shells mean by a program's end. */
const exitMeans: Readonly<Record<number, string>> = {
  0: 'exit code 0: it has done its work, and a service wants a program that stays',
  126: 'exit code 126: a command may not be executed',
  127: 'exit code 127: a command was not found',
  137: 'exit code 137: it was killed, for want of memory or by hand',
  139: 'exit code 139: it crashed (segmentation fault)',
  143: 'exit code 143: it was asked to end (SIGTERM)',
};

function exitWords(exitCode: number | undefined): string {
  if (exitCode === undefined) return 'no reason given';
  return exitMeans[exitCode] ?? `exit code ${exitCode}`;
}
