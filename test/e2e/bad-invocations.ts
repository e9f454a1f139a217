// Every way we know to ask ecsdemo for something that it cannot do, as a person or a script may type it.
// Data only; bad-input.test.ts runs each and holds it to the same rules.

export interface BadInvocation {
  args: string[];
  env?: Record<string, string>;
  /** @default 2 */
  exit?: number;
  /** Parts of the message: the flag or variable, the value, what was meant. */
  says: string[];
}

function each(values: readonly string[], make: (value: string) => BadInvocation): BadInvocation[] {
  return values.map(make);
}

/** `command --flag=value`, once per value; the message must name both. */
function flag(command: string, name: string, values: readonly string[]): BadInvocation[] {
  return each(values, (value) => ({
    args: [...command.split(' '), `--${name}=${value}`],
    says: [`--${name} "${value}"`],
  }));
}

const names: BadInvocation[] = [
  ...flag('up', 'name', [
    '',
    ' ',
    'my ',
    '1abc',
    '-a',
    'a-',
    'a--b',
    'internal-x',
    'sg-x',
    'a'.repeat(20),
    'ünï',
    'a_b',
    '../x',
    '😀',
    '*',
  ]),
  { args: ['up', '--name=a\nb'], says: [String.raw`--name "a\nb"`] },
  { args: ['up', '--name=a\u001B[31mb'], says: [String.raw`--name "a\u001b[31mb"`] },
  { args: ['up', '--name=a\u202Eb'], says: [String.raw`--name "a\u202eb"`] },
  { args: ['status'], env: { ECSDEMO_NAME: 'a--b' }, says: ['ECSDEMO_NAME "a--b"', 'two hyphens'] },
  { args: ['destroy', '--yes', '--name', '1'], says: ['--name "1"'] },
];

const numbers: BadInvocation[] = [
  ...flag('scale', 'count', [
    '-1',
    '1001',
    '2.5',
    'four',
    '',
    '1e3',
    ' 4',
    '4 ',
    '+4',
    '0x10',
    '9'.repeat(30),
    'Infinity',
    'NaN',
    '٣',
    '1,000',
  ]),
  { args: ['scale', '--count', '-1'], says: ['--count "-1"'] },
  { args: ['scale', '--instances', '21'], says: ['--instances "21"', '20'] },
  { args: ['up', '--count', '3'], env: { ECSDEMO_INSTANCES: 'many' }, says: ['ECSDEMO_INSTANCES "many"'] },
  { args: ['up'], env: { ECSDEMO_COUNT: '1e3' }, says: ['ECSDEMO_COUNT "1e3"'] },
  { args: ['up', '--instances', '0'], says: ['--instances "0"'] },
  ...flag('up', 'container-port', ['0', '65536', 'http', '']),
  ...flag('up', 'container', ['', 'a b', 'web:80']),
  ...flag('sandbox start', 'port', ['-1', '65536', 'http', '', '80.5', '9'.repeat(12), '1e3']),
  { args: ['sandbox', 'start'], env: { ECSDEMO_PORT: 'http' }, says: ['ECSDEMO_PORT "http"'] },
];

const durations: BadInvocation[] = [
  ...flag('up', 'timeout', [
    '600',
    '0s',
    '10 m',
    '2d',
    '25h',
    'm',
    '-5m',
    '1.5h',
    '',
    '10M',
    '1h90',
    '1m1m',
    'ten minutes',
    '500ms',
  ]),
  { args: ['verify'], env: { ECSDEMO_TIMEOUT: 'soon' }, says: ['ECSDEMO_TIMEOUT "soon"'] },
  ...flag('up', 'ttl', ['soon', '0h', '366d', '2']),
  ...flag('sweep --dry-run', 'older-than', ['x', '-1h', '']),
];

const addresses: BadInvocation[] = [
  ...flag('up', 'ssh-from', [
    '203.0.113.7',
    '203.0.113.256/32',
    '203.0.113.0/33',
    '2001:db8::1',
    '2001:db8::/129',
    'fe80::1%eth0/64',
    '1.2.3/8',
    '1.2.3.4/8/9',
    'home',
    '',
    '01.2.3.4/8',
  ]),
  ...flag('up', 'vpc-id', ['vpc-xyz', 'subnet-12345678', '', 'vpc-12345678', 'VPC-12345678']),
  ...flag('up', 'subnet-ids', ['subnet-12345678', 'subnet-12345678,subnet-12345678', 'subnet-12345678,', 'a;b']),
  ...flag('up', 'account', ['12345', '12345678901a', '1234-5678-9012', '']),
  ...flag('up', 'region', ['us-east', 'US-EAST-1', 'us-east-1; ls', 'us-east-1a', '']),
];

const words: BadInvocation[] = [
  ...flag('up', 'through', ['nowhere', '', '4', 'verify ']),
  { args: ['up', '--through', 'load-balancr'], says: ['--through "load-balancr"', 'did you mean "load-balancer"'] },
  { args: ['up', '--through', 'nowhere', '--local'], says: ['--through "nowhere"', 'network, role, cluster'] },
  { args: ['up'], env: { ECSDEMO_THROUGH: 'servce' }, says: ['ECSDEMO_THROUGH "servce"', 'did you mean "service"'] },
  ...flag('up', 'instance-type', ['t3', 'T3.MICRO', '.micro', 't3 micro', '']),
  ...flag('up', 'image', ['', 'a b', '-rf', 'UPPER/Case:', 'http://x/y', 'nginx::latest', '$(id)']),
  { args: ['up', `--image=${'a'.repeat(256)}`], says: ['--image "aaaa'] },
  ...flag('up', 'command', ['', ' ', "sh 'x", '["a",1]', '[]', '["a"', '["a"]x', '"']),
  ...flag('up', 'path', ['', 'health', '/a b', '/a?b', '/#', 'http://x/', '/é']),
  { args: ['up', `--path=/${'a'.repeat(1024)}`], says: ['--path "/aaaa', '1024'] },
  ...flag('up', 'expect', ['', ' ']),
  ...flag('up', 'key-name', ['', ' a', 'é']),
  ...flag('up --local', 'pace', ['slow', '-1', '0', '00', '1e3', '', 'FAST', '1001', '0.01']),
  ...flag('sandbox start', 'pace', ['slow', '0']),
  ...flag('sweep --dry-run', 'name-prefix', ['-', '', '1']),
];

const document = (file: string, ...says: string[]): BadInvocation => ({
  args: ['up', '--task-definition', file],
  says: [file, ...says],
});

/** The files are made by bad-input.test.ts. */
const files: BadInvocation[] = [
  document('missing.json', 'does not exist'),
  document('folder', 'is a directory'),
  document('fine.json/x', 'does not exist'),
  document('loop.json', 'symbolic link'),
  document('/dev/zero', 'not a plain file'),
  { args: ['up', '--task-definition', 'n'.repeat(300)], says: ['nnnn', 'name longer'] },
  { args: ['up', '--task-definition', ''], says: ['--task-definition ""'] },
  { args: ['up', '--local', '--task-definition', 'missing.json'], says: ['missing.json', 'does not exist'] },
  { args: ['up'], env: { ECSDEMO_TASK_DEFINITION: 'missing.json' }, says: ['missing.json', 'does not exist'] },
  { args: ['smoke', '--local', '--task-definition', 'tiny.json'], says: ['line 6', '6 MiB'] },
  document('empty.json', 'is empty'),
  document('text.json', 'line 1', 'not JSON'),
  document('yaml.yml', 'line 2', 'no image for container "web"'),
  document('comma.json', 'line 4', 'not JSON'),
  document('mark-and-mistake.json', 'line 2', 'not JSON'),
  document('binary.json', 'UTF-8'),
  document('latin.json', 'UTF-8'),
  document('utf16.json', 'line 1', 'has memory "128"'),
  document('huge.json', '64 KiB'),
  document('large.json', '64 KiB'),
  document('deep.json', 'deep'),
  document('list.json', 'not a JSON object'),
  document('null.json', 'not a JSON object'),
  document('none.json', 'line 2', 'no containerDefinitions'),
  document('capital.json', 'line 2', '"ContainersDefinition"'),
  document('fargate.json', 'FARGATE'),
  document('no-network.json', 'networkMode "none"'),
  document('no-port.json', 'maps no container port'),
  document('udp.json', 'udp port 53'),
  document('port.json', 'line 9', 'containerPort 70000'),
  document('name.json', 'line 4', '"we b"'),
  document('image.json', 'line 5', 'no image'),
  document('memory.json', 'line 6', 'memory "128"'),
  document('tiny.json', 'line 6', '6 MiB'),
  document('command.json', 'command'),
  document('twins.json', 'second container "web"'),
  document('environment.json', 'environment', 'not a list'),
  document('essential.json', 'essential "yes"', 'true or false'),
  document('slip.json', '"portMapping"', 'did you mean "portMappings"'),
  document('volumes.json', 'volumes "x"', 'not a list'),
];

const together: BadInvocation[] = [
  {
    args: ['up', '--task-definition', 'fine.json', '--container-port', '81'],
    says: ['--container-port "81"', 'web:80', '--container-port 80'],
  },
  {
    args: ['up', '--task-definition', 'fine.json', '--container', 'wbe'],
    says: ['--container "wbe"', 'web does', '--container web'],
  },
  {
    args: ['up', '--container', 'web'],
    says: ['--container "web"', '--task-definition'],
  },
  {
    args: ['up', '--task-definition', 'fine.json', '--image', 'nginx'],
    says: ['--image "nginx"', '--task-definition'],
  },
  { args: ['up', '--task-definition', 'fine.json', '--command', 'x'], says: ['--command "x"', '--task-definition'] },
  {
    args: ['up', '--task-definition', 'fine.json'],
    env: { ECSDEMO_IMAGE: 'nginx' },
    says: ['ECSDEMO_IMAGE "nginx"', '--task-definition'],
  },
  { args: ['up', '--local', '--profile', 'x'], says: ['--profile "x"', '--local'] },
  { args: ['up', '--local', '--region', 'us-east-1'], says: ['--region "us-east-1"', '--local'] },
  { args: ['up', '--pace', '10'], says: ['--pace "10"', 'sandbox'] },
  { args: ['status'], env: { AWS_REGION: 'us east 1' }, says: ['AWS_REGION "us east 1"'] },
  { args: ['status'], env: { AWS_ENDPOINT_URL: 'nonsense' }, says: ['AWS_ENDPOINT_URL "nonsense"'] },
  { args: ['up', '--quiet', '--verbose'], says: ['--quiet', '--verbose'] },
  { args: ['up', '--quiet'], env: { ECSDEMO_VERBOSE: '1' }, says: ['--quiet', 'ECSDEMO_VERBOSE'] },
  { args: ['status', '--watch', '--json'], says: ['--watch', '--json'] },
  { args: ['scale'], says: ['--count', '--instances'] },
  { args: ['destroy'], says: ['--yes'] },
  { args: ['destroy', '--name', 'ci'], says: ['--yes'] },
  { args: ['sweep'], says: ['--yes'] },
  ...each(
    [
      'LOCAL',
      'DRY_RUN',
      'ADOPT',
      'YES',
      'QUIET',
      'NO_COLOR',
      'SSH_FROM',
      'SUBNET_IDS',
      'PACE',
      'PATH',
      'REGION',
      'ACCOUNT',
    ],
    (variable) => ({
      args: ['up'],
      env: { [`ECSDEMO_${variable}`]: 'b@d v' },
      says: [`ECSDEMO_${variable} "b@d v"`],
    }),
  ),
];

const commands: BadInvocation[] = [
  { args: ['upp'], says: ['"upp"', 'did you mean "up"'] },
  { args: ['UP'], says: ['"UP"', 'did you mean "up"'] },
  { args: ['deploy'], says: ['"deploy"', 'did you mean "up"'] },
  { args: ['delete', '--name', 'x'], says: ['"delete"', 'did you mean "destroy"'] },
  { args: ['xyzzy'], says: ['"xyzzy"'] },
  { args: [''], says: ['no command ""'] },
  { args: ['\u001B[31mup'], says: [String.raw`"\u001b[31mup"`] },
  { args: ['x'.repeat(5000)], says: ['"xxxx'] },
  { args: ['constructor'], says: ['"constructor"'] },
  { args: ['--local'], says: ['no command given', '--local'] },
  { args: ['--local', 'up'], says: ['the command comes first', '--local'] },
  { args: ['help', 'upp'], says: ['did you mean "up"'] },
  { args: ['help', 'errros'], says: ['did you mean "errors"'] },
  { args: ['sandbox', 'strat'], says: ['did you mean "sandbox start"'] },
  { args: ['sandboks', 'start'], says: ['did you mean "sandbox start"'] },
  { args: ['sandbox', 'start', '--policy', '/no/such.json'], says: ['"/no/such.json" cannot be read'] },
  { args: ['sandbox', 'start', '--policy', 'fine.json'], says: ['"fine.json" cannot be enforced', '"'] },
  { args: ['sandbox', 'start', '--policy', 'text.json'], says: ['"text.json" cannot be enforced: it is not JSON'] },
  { args: ['sandbox', 'start', '--policy', 'folder'], says: ['"folder" cannot be read'] },
  { args: ['policy', 'upp'], says: ['"upp" is no command', 'did you mean "up"'] },
  { args: ['policy', 'sandbox', 'start'], says: ['"sandbox" is no command'] },
  { args: ['policy', '--format', 'yaml'], says: ['--format "yaml" is not a format'] },
  { args: ['policy', '--principal', 'gitlab'], says: ['--principal "gitlab" is not a principal'] },
  { args: ['policy', '--principal', 'github'], says: ['--principal github needs --repo'] },
  { args: ['policy', '--principal', 'github', '--repo', 'a/b'], says: ['--principal github needs --account'] },
  { args: ['policy', '--repo', 'a/b'], says: ['--repo "a/b" needs --principal github'] },
  { args: ['policy', '--principal', 'github', '--repo', 'ab'], says: ['--repo "ab" is not a repository'] },
  { args: ['policy', '--name', 'a', '--name-prefix', 'b'], says: ['--name "a" cannot go with --name-prefix'] },
  { args: ['sandbox', 'start', 'now'], says: ['sandbox start takes no argument', '"now"'] },
  { args: ['up', 'now'], says: ['takes no argument', '"now"'] },
  { args: ['up', ''], says: ['takes no argument', '""'] },
  { args: ['scale', '4'], says: ['takes no argument', '"4"', '--count 4'] },
  { args: ['destroy', 'ci'], says: ['takes no argument', '"ci"', '--name ci'] },
  { args: ['up', '—local'], says: ['"—local"', '--local, with two hyphens'] },
];

const flags: BadInvocation[] = [
  { args: ['up', '--cuont', '3'], says: ['--cuont', 'did you mean --count'] },
  { args: ['up', '--dryrun'], says: ['--dryrun', 'did you mean --dry-run'] },
  { args: ['up', '--Name', 'x'], says: ['--Name', 'did you mean --name'] },
  { args: ['up', '--no-local'], says: ['--no-local', 'leave --local out'] },
  { args: ['up', '-n', 'x'], says: ['-n'] },
  { args: ['up', '--force'], says: ['--force'] },
  { args: ['up', '--__proto__', 'x'], says: ['--__proto__'] },
  { args: ['up', '--count'], says: ['--count expects a value'] },
  { args: ['up', '--count', '--local'], says: ['--count expects a value'] },
  { args: ['up', '--count', '1', '--count', '2'], says: ['--count can only be specified once'] },
  { args: ['up', '--local=yes'], says: ['--local "yes"', 'takes no value'] },
  { args: ['up', '--count=1', '--cuont=1', '--nmae=x'], says: ['--cuont, --nmae'] },
  { args: ['destroy', '--count', '3'], says: ['destroy has no flag --count', 'scale'] },
  { args: ['verify', '--image', 'x'], says: ['verify has no flag --image', 'up, smoke have it'] },
  { args: ['status', '--yes'], says: ['status has no flag --yes'] },
  { args: ['sandbox', 'stop', '--name', 'x'], says: ['sandbox stop has no flag --name'] },
];

const faults: BadInvocation[] = [
  { args: ['sandbox', 'fault'], says: ['needs the name of a fault'] },
  { args: ['sandbox', 'fault', 'thortling'], says: ['"thortling"', 'did you mean "throttling"'] },
  { args: ['sandbox', 'fault', 'lst'], says: ['"lst"', 'did you mean "list"'] },
  { args: ['sandbox', 'fault', 'throttling', '--after', '-1'], says: ['--after "-1"'] },
  { args: ['sandbox', 'fault', 'throttling', '--times', 'x'], says: ['--times "x"'] },
  { args: ['sandbox', 'fault', 'throttling', '--operation', 'nope'], says: ['--operation "nope"'] },
  { args: ['sandbox', 'fault', 'throttling', '--zone', 'moon'], says: ['--zone "moon"'] },
  { args: ['sandbox', 'fault', 'throttling'], env: { ECSDEMO_AFTER: 'x' }, says: ['ECSDEMO_AFTER "x"'] },
  { args: ['sandbox', 'fault', 'throttling', 'two'], says: ['"two"'] },
  { args: ['sandbox', 'fault', 'clear', 'nope'], says: ['"nope"'] },
  { args: ['sandbox', 'start', '--fault', 'thortling'], says: ['--fault "thortling"', 'did you mean "throttling"'] },
  { args: ['sandbox', 'start', '--fault', 'access-denied'], says: ['--fault "access-denied"', 'operation'] },
  { args: ['sandbox', 'start'], env: { ECSDEMO_FAULT: 'nothing' }, says: ['ECSDEMO_FAULT "nothing"'] },
  { args: ['sandbox', 'kill'], says: ['task or instance'] },
  { args: ['sandbox', 'kill', 'taks'], says: ['"taks"'] },
  { args: ['sandbox', 'kill', 'task', 'a', 'b'], says: ['"b"'] },
  { args: ['sandbox', 'kill', 'task'], exit: 1, says: ['no sandbox is running'] },
  { args: ['sandbox', 'env'], exit: 1, says: ['no sandbox is running'] },
  { args: ['sandbox', 'status'], exit: 1, says: ['no sandbox is running'] },
];

const jobs: BadInvocation[] = [
  ...flag('smoke', 'steps', ['', ',', 'up,', 'down', 'up,up', 'destroy', 'UP']),
  { args: ['smoke', '--steps', 'verify,scale'], says: ['--steps "verify,scale"', 'lacks up'] },
  { args: ['smoke', '--steps', 'up,veriyf'], says: ['--steps "veriyf"', 'did you mean "verify"'] },
  ...flag('smoke', 'count', ['0', '-1', 'x', '1001', '']),
  ...flag('smoke', 'ttl', ['0h', '2', 'soon', '']),
  ...flag('smoke', 'name', ['', '1a', 'a--b']),
  ...flag('smoke', 'account', ['12345', 'mine']),
  { args: ['smoke'], env: { CI: 'true' }, says: ['--account', 'CI'] },
  { args: ['smoke'], env: { CI: 'true', ECSDEMO_ACCOUNT: 'x' }, says: ['ECSDEMO_ACCOUNT "x"'] },
  { args: ['smoke'], env: { ECSDEMO_STEPS: 'scale' }, says: ['ECSDEMO_STEPS "scale"', 'lacks up'] },
  { args: ['smoke'], env: { ECSDEMO_KEEP: 'maybe' }, says: ['ECSDEMO_KEEP "maybe"'] },
  { args: ['smoke'], env: { ECSDEMO_RETRY: 'twice' }, says: ['ECSDEMO_RETRY "twice"'] },
  { args: ['smoke', '--through', 'cluster'], says: ['smoke has no flag --through', 'up has it'] },
  { args: ['smoke', '--dry-run'], says: ['smoke has no flag --dry-run'] },
  { args: ['smok'], says: ['did you mean "smoke"'] },
  { args: ['docter'], says: ['did you mean "doctor"'] },
  { args: ['doctor', 'now'], says: ['takes no argument', '"now"'] },
  { args: ['doctor', '--count', '2'], says: ['doctor has no flag --count'] },
  { args: ['doctor', '--local', '--profile', 'x'], says: ['--profile "x"', 'cannot go with --local'] },
  { args: ['doctor', '--vpc-id', 'vpc-0123456789abcdef0'], says: ['--vpc-id', 'needs --subnet-ids'] },
  ...flag('doctor', 'instance-type', ['', 'big']),
  ...flag('doctor', 'account', ['12345']),
  ...flag('doctor --local', 'junit', ['', 'none/such/file']),
  { args: ['smoke', 'now'], says: ['takes no argument', '"now"'] },
  ...['junit', 'summary', 'events', 'trace'].flatMap((report) => [
    ...flag('smoke --local', report, ['', '/', 'none/such/file']),
    { args: ['up', '--local'], env: { [`ECSDEMO_${report.toUpperCase()}`]: '/none/such' }, says: [`"/none/such"`] },
  ]),
  { args: ['up', '--local', '--junit', './both', '--events', './both'], says: ['--events "./both"', '--junit'] },
  { args: ['status', '--junit', 'x.xml'], says: ['status has no flag --junit'] },
  { args: ['completion'], says: ['bash, zsh, fish'] },
  { args: ['completion', 'bsh'], says: ['"bsh"', 'did you mean "bash"'] },
  { args: ['completion', 'powershell'], says: ['"powershell"'] },
  { args: ['completion', 'bash', 'zsh'], says: ['"zsh"'] },
];

export const badInvocations: readonly BadInvocation[] = [
  ...names,
  ...numbers,
  ...durations,
  ...addresses,
  ...words,
  ...files,
  ...together,
  ...commands,
  ...flags,
  ...faults,
  ...jobs,
];
