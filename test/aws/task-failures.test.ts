import type { Container, ContainerDefinition, Task } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { type DefinitionSource, findTaskFailure, type TaskFailure } from '../../src/aws/task-failures.ts';
import { suggestionTexts, type Invocation } from '../../src/base/suggestion.ts';

const onAws = { command: 'up', argv: ['--yes'], target: {}, flagsOf: () => [] } satisfies Invocation;
const onSandbox = { ...onAws, argv: ['--local'], target: { local: true } } satisfies Invocation;

interface Seen {
  stoppedReason: string;
  stopCode?: Task['stopCode'];
  containers?: Container[];
  definitions?: ContainerDefinition[];
  from?: DefinitionSource;
}

function failureOf({
  stoppedReason,
  stopCode = 'TaskFailedToStart',
  containers,
  definitions,
  from,
}: Seen): TaskFailure {
  const [web] = [{ name: 'web', image: 'nginx' }];
  const task = { taskArn: 'a/b', stopCode, stoppedReason, containers: containers ?? [web] };
  const failure = findTaskFailure([task], { containerDefinitions: definitions ?? [{ name: 'web' }] }, from ?? {});
  if (failure === undefined) throw new Error('nothing found');
  return failure;
}

const file: DefinitionSource = { file: 'app.json' };
const logs: ContainerDefinition = {
  name: 'web',
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/app', 'awslogs-region': 'eu-west-1' } },
};

// In AWS's words: docs "Amazon ECS stopped tasks error messages", amazon-ecs-agent, Docker 25 and public reports.
const rows: [words: string, seen: Seen, code: string, says: RegExp, advice: RegExp | undefined][] = [
  [
    'a log group that is missing, as Docker words it',
    {
      stoppedReason: 'Task failed to start',
      containers: [
        {
          name: 'web',
          image: 'nginx',
          reason:
            'CannotStartContainerError: Error response from daemon: failed to create task for container: failed to initialize logging driver: failed to create Cloudwatch log stream: operation error CloudWatch Logs: CreateLogStream, https response error StatusCode: 400, RequestID: 1ac96051-9db9-4f0d-8bbd-2984a2fe9147, ResourceNotFoundException: The specified log group does not exist.',
        },
      ],
      definitions: [logs],
      from: file,
    },
    'cannot-start',
    /^container "web" \(nginx\) cannot start: its log group "\/app" does not exist in eu-west-1$/,
    /^aws logs create-log-group --log-group-name \/app --region eu-west-1 && ecsdemo up --yes$/,
  ],
  [
    'a log group that is missing, as the agent words it',
    {
      stoppedReason:
        'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1',
      definitions: [logs],
    },
    'cannot-start',
    /its log group "\/app" does not exist/,
    /^aws logs create-log-group --log-group-name \/app /,
  ],
  [
    'awslogs-create-group without the right to it',
    {
      stoppedReason: 'Task failed to start',
      containers: [
        {
          name: 'web',
          reason:
            'CannotStartContainerError: failed to create Cloudwatch log group: api error AccessDeniedException: User: arn:aws:sts::1:assumed-role/ecsInstanceRole/i-1 is not authorized to perform: logs:CreateLogGroup on resource: arn:x',
        },
      ],
      definitions: [logs],
    },
    'cannot-start',
    /may not create it \(logs:CreateLogGroup\)/,
    /^aws logs create-log-group --log-group-name \/app /,
  ],
  [
    'another right that a role lacks',
    {
      stoppedReason:
        'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: AccessDeniedException: User: arn:aws:sts::1:assumed-role/app-exec/abc is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:x',
      from: file,
    },
    'cannot-start',
    /the role "app-exec" may not secretsmanager:GetSecretValue$/,
    /^ecsdemo up --yes {3}# once the role app-exec may secretsmanager:GetSecretValue$/,
  ],
  [
    'a role that is not there',
    {
      stoppedReason:
        "ECS was unable to assume the role 'arn:aws:iam::1:role/app' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    },
    'cannot-start',
    /the role "arn:aws:iam::1:role\/app" of the task definition does not exist, or does not trust/,
    /^aws iam create-role --role-name app --assume-role-policy-document '\{.*ecs-tasks.*\}' && ecsdemo up --yes/,
  ],
  [
    'an environment file that is not there',
    {
      stoppedReason:
        'ResourceInitializationError: failed to download env files: file download command: non empty error stream: NoSuchKey: The specified key does not exist.',
      from: file,
    },
    'cannot-start',
    /an environment file cannot be read: .*NoSuchKey/,
    /# once environmentFiles in app.json name a file that the execution role can read$/,
  ],
  [
    'a secret that is not there',
    {
      stoppedReason:
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): ResourceNotFoundException: Secrets Manager can't find the specified secret.",
      from: file,
    },
    'cannot-start',
    /a secret cannot be read: .*can't find the specified secret$/,
    /# once "secrets" in app.json name what there is/,
  ],
  [
    'a file system that cannot be mounted',
    {
      stoppedReason:
        'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "fs-1.efs.us-east-1.amazonaws.com" - check that your file system ID is correct',
      from: file,
    },
    'cannot-start',
    /a volume cannot be mounted: .*fs-1/,
    /# once "volumes" in app.json name a file system that the instance can reach$/,
  ],
  [
    'a rate limit, of an image that ECR Public has too',
    {
      stoppedReason:
        'CannotPullContainerError: Error response from daemon: toomanyrequests: You have reached your limit',
      from: { image: 'nginx' },
    },
    'cannot-pull',
    /the registry limits the rate$/,
    /^ecsdemo up --yes --image public.ecr.aws\/docker\/library\/nginx$/,
  ],
  [
    'a rate limit, of an image that only Docker Hub has',
    {
      stoppedReason: 'CannotPullContainerError: toomanyrequests: rate limit',
      containers: [{ name: 'web', image: 'own/app:1' }],
    },
    'cannot-pull',
    /the registry limits the rate$/,
    /^ecsdemo up --yes {3}# in an hour$/,
  ],
  [
    'a full disk',
    { stoppedReason: 'CannotPullContainerError: write /var/lib/docker/tmp/x: no space left on device' },
    'cannot-pull',
    /the disk of the container instance is full$/,
    /^ecsdemo destroy && ecsdemo up --yes {3}#/,
  ],
  [
    'an image for another processor',
    { stoppedReason: 'CannotPullContainerError: no matching manifest for linux/amd64 in the manifest list entries' },
    'cannot-pull',
    /none for the instance's processor \(linux\/amd64\)$/,
    /^ecsdemo destroy && ecsdemo up --yes --instance-type t4g.micro {3}# another processor$/,
  ],
  [
    'an image that is not there',
    {
      stoppedReason: 'CannotPullContainerError: pull access denied for own/app, repository does not exist',
      from: { image: 'own/app', command: ['x'] },
    },
    'cannot-pull',
    /there is none of that name, or its registry wants a login$/,
    /^ecsdemo up --yes --image tongueroo\/sinatra:latest {3}# the tutorial's$/,
  ],
  [
    'an image that is not there, of a file',
    {
      stoppedReason:
        'CannotPullContainerError: ref pull has been retried 1 time(s): failed to resolve reference "docker.io/own/app:2": not found',
      from: file,
    },
    'cannot-pull',
    /there is none of that name/,
    /^ecsdemo up --yes {3}# once the image of "web" in app.json can be pulled$/,
  ],
  [
    'a network in the way',
    { stoppedReason: 'CannotPullContainerError: Error response from daemon: dial tcp 1.2.3.4:443: i/o timeout' },
    'cannot-pull',
    /cannot be pulled: dial tcp 1.2.3.4:443: i\/o timeout$/,
    undefined,
  ],
  [
    'a command that is not in the image',
    {
      stoppedReason: 'Task failed to start',
      containers: [
        {
          name: 'web',
          image: 'nginx',
          reason:
            'CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: exec: "foo": executable file not found in $PATH: unknown',
        },
      ],
      from: { image: 'nginx', command: ['foo'] },
    },
    'cannot-start',
    /^container "web" \(nginx\) cannot start: its command "foo" is not in the image$/,
    /^ecsdemo up --yes {3}# the image's own command$/,
  ],
  [
    'a host port that is taken',
    {
      stoppedReason: 'Task failed to start',
      containers: [
        {
          name: 'web',
          reason:
            'CannotStartContainerError: driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated',
        },
      ],
      from: file,
    },
    'cannot-start',
    /has its host port already$/,
    /# once "hostPort" in app.json is 0, which takes a free one$/,
  ],
  [
    'too little memory',
    {
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [
        { name: 'side', exitCode: 143 },
        {
          name: 'web',
          image: 'nginx',
          exitCode: 137,
          reason: 'OutOfMemoryError: Container killed due to memory usage',
        },
      ],
      definitions: [{ name: 'web', memory: 64 }, { name: 'side' }],
      from: file,
    },
    'crash-loop',
    /^container "web" \(nginx\) is killed: it needs more than its 64 MiB of memory$/,
    /# once "memory" of "web" in app.json is more than 64$/,
  ],
  [
    'a health check of its own',
    {
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
      containers: [
        { name: 'side', exitCode: 0 },
        { name: 'web', image: 'nginx', exitCode: 137, healthStatus: 'UNHEALTHY' },
      ],
      definitions: [{ name: 'web', healthCheck: { command: ['CMD-SHELL', 'curl -f localhost'] } }],
      from: file,
    },
    'container-unhealthy',
    /^container "web" \(nginx\) runs, but its own health check fails: CMD-SHELL curl -f localhost$/,
    /# once the healthCheck of "web" in app.json succeeds in its image$/,
  ],
  [
    'a dependency that failed',
    {
      stoppedReason: 'Task failed to start',
      containers: [
        { name: 'init', exitCode: 1 },
        {
          name: 'web',
          exitCode: 143,
          reason:
            'CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [init(busybox) (STOPPED->RUNNING) - Exit: 1] for target [web(nginx) (NONE->RUNNING)] as dependency did not exit successfully.',
        },
      ],
      from: file,
    },
    'cannot-start',
    /^container "web" waits for "init", which ended with exit code 1$/,
    /# once "init" in app.json comes to what "dependsOn" asks of it$/,
  ],
  [
    'an error that nobody here knows',
    { stoppedReason: 'ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 3m0s' },
    'cannot-start',
    /ContainerRuntimeTimeoutError: Could not transition to running/,
    undefined,
  ],
];

describe('what AWS says of a task that failed', () => {
  it.each(rows)('%s', (_, seen, code, says, advice) => {
    const failure = failureOf(seen);
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(says);
    const texts = suggestionTexts(failure.suggestions, onAws);
    if (advice === undefined) expect(texts).toEqual([]);
    else expect(texts.join('\n')).toMatch(new RegExp(advice.source, 'm'));
  });

  it.each([
    [0, /done its work/],
    [3, /: exit code 3$/],
    [126, /may not be executed/],
    [127, /not found/],
    [137, /killed/],
    [139, /segmentation fault/],
  ])('exit code %i', (exitCode, says) => {
    const stopped = {
      stopCode: 'EssentialContainerExited' as const,
      stoppedReason: 'Essential container in task exited',
    };
    expect(failureOf({ ...stopped, containers: [{ name: 'web', exitCode }] }).message).toMatch(says);
  });
});

describe('which container brought the task down', () => {
  const blamed = (containers: Container[], definitions: ContainerDefinition[] = []) =>
    failureOf({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers,
      definitions,
    }).message;

  it.each<[string, Container[], ContainerDefinition[]?]>([
    [
      'not one that heeds SIGTERM',
      [
        { name: 'web', exitCode: 0 },
        { name: 'bad', exitCode: 127 },
      ],
    ],
    [
      'not one that is killed by it',
      [
        { name: 'web', exitCode: 143 },
        { name: 'bad', exitCode: 1 },
      ],
    ],
    [
      'not one that is killed because it did not heed it',
      [
        { name: 'web', exitCode: 137 },
        { name: 'bad', exitCode: 0 },
      ],
    ],
    [
      'not one that the task can do without',
      [
        { name: 'init', exitCode: 1 },
        { name: 'bad', exitCode: 0 },
      ],
      [{ name: 'init', essential: false }, { name: 'bad' }],
    ],
  ])('%s', (_, containers, definitions) => {
    expect(blamed(containers, definitions)).toMatch(/^container "bad"/);
    expect(blamed(containers.toReversed(), definitions)).toMatch(/^container "bad"/);
  });
});

describe('whose it is to change', () => {
  const crashed: Seen = {
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ name: 'web', image: 'own/app', exitCode: 1 }],
  };
  it.each<[string, DefinitionSource, string[]]>([
    ['a command of this run is left out', { command: ['x'] }, ["ecsdemo up --local   # the image's own command"]],
    ['a file is its author’s', file, ['ecsdemo up --local   # once "command" of "web" in app.json is right']],
    [
      'an image of this run can be another',
      { image: 'own/app' },
      ["ecsdemo up --local --image tongueroo/sinatra:latest   # the tutorial's"],
    ],
    ['what was there before is no option', {}, []],
  ])('%s', (_, from, first) => {
    const texts = suggestionTexts(failureOf({ ...crashed, from }).suggestions, onSandbox);
    expect(texts).toEqual([...first, 'ecsdemo sandbox logs   # shows what it wrote']);
  });

  it('names the stand-ins of the sandbox, and how to have one more', () => {
    const only = 'runs stand-ins only: nginx, httpd';
    const failure = failureOf({
      stoppedReason: `CannotPullContainerError: pull access denied for own/app (the ecsdemo sandbox ${only})`,
      containers: [{ name: 'web', image: 'own/app:1' }],
      definitions: [{ name: 'web', portMappings: [{ containerPort: 80 }] }],
      from: file,
    });
    expect(failure.message).toBe(`the image "own/app:1" cannot be pulled: the sandbox ${only}`);
    expect(suggestionTexts(failure.suggestions, onSandbox)).toEqual([
      'ecsdemo sandbox image add own/app:1 --like nginx && ecsdemo up --local   # plays it with a stand-in',
    ]);
  });

  it('says nothing of tasks that were stopped on purpose', () => {
    expect(findTaskFailure([{ stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' }], undefined, {})).toBe(
      undefined,
    );
  });
});
