// Every flag as oclif sees it: name, kind, help. Values stay text here; base/settings.ts reads and refuses them, so that
// flags and environment variables are held to the same rules.
import * as Flags from '@oclif/core/flags';
import { defaults } from '../base/settings.ts';
import { letters } from '../base/short-flags.ts';
import type { Outline } from '../chapters/chapter.ts';

const text = (description: string, helpValue: string) => Flags.string({ description, helpValue });
const onOff = (description: string) => Flags.boolean({ description });

/** How the command talks; on every command. */
export const outputFlags = {
  json: Flags.boolean({ description: 'One JSON document on stdout and nothing else there', helpGroup: 'OUTPUT' }),
  quiet: Flags.boolean({ char: letters.quiet, description: 'Only errors and the result', helpGroup: 'OUTPUT' }),
  verbose: Flags.boolean({
    char: letters.verbose,
    description: 'Every change, event and AWS call as it happens',
    helpGroup: 'OUTPUT',
  }),
  'no-color': Flags.boolean({ description: 'No colour, also by NO_COLOR', helpGroup: 'OUTPUT' }),
};

const reportFile = (description: string) => Flags.string({ description, helpValue: 'FILE', helpGroup: 'REPORTS' });

/** Where a run writes what it did; on every command that may be a job. */
export const reportFlags = {
  junit: reportFile('JUnit XML: a suite for each command, a case for each step and check'),
  summary: reportFile('Markdown, added to the end of the file [default in a GitHub job: the page of its summary]'),
  events: reportFile('JSON lines: every event and every AWS call as it happens'),
  trace: reportFile('JSON lines: what goes over the wire to AWS and back, secrets taken out'),
};

export const reportKinds = Object.keys(reportFlags) as (keyof typeof reportFlags)[];

/** Which demo, where; on every command that reaches AWS. */
export const targetFlags = {
  name: text('Name of the demo; it starts the names of its resources [default: my]', 'NAME'),
  local: onOff('Work on the sandbox on this machine, starting it when none runs; no AWS account needed'),
  region: text('AWS region [default: what AWS_REGION or the profile says]', 'REGION'),
  profile: text('Profile of the AWS configuration files', 'PROFILE'),
  account: text('Refuse to work unless the credentials are of this account', 'ID'),
  timeout: text(`How long the whole command may take [default: ${defaults.timeout}]`, '10m'),
};

export const count = {
  count: text('How many tasks [default: 1]', 'N'),
};

export const instances = {
  instances: text('How many container instances [default: 1]', 'N'),
};

export const answerFlags = {
  expect: text(`Text that the answer must contain; up remembers it [default: ${defaults.expect}]`, 'TEXT'),
  path: text(`Path of the health check and of the request; up remembers it [default: ${defaults.path}]`, '/PATH'),
};

export const timings = { timings: onOff('Show the chain of waits that determined the time') };
export const dryRun = {
  'dry-run': Flags.boolean({ char: letters['dry-run'], description: 'Print what would be done, change nothing' }),
};
export const adopt = { adopt: onOff('Take over resources of the same names that do not carry the tag of this demo') };
/** On every command that asks. */
export const asking = {
  yes: Flags.boolean({ char: letters.yes, description: 'Do not ask: the answer is yes' }),
  'no-input': onOff('Do not ask: fail where a question would be, and name the flag that answers it'),
};

export const pace = {
  pace: text(
    "How fast the sandbox runs: 'fast', 'real', or N times faster than AWS [default: as before, and fast at first]",
    'PACE',
  ),
};

/** After the last step, the proof, there is nothing to stop. */
export function throughFlag({ steps }: Outline) {
  const ids = steps.slice(0, -1).map(({ id }) => id);
  return { through: text(`Stop after this step, and a later up goes on: ${ids.join(', ')}`, 'STEP') };
}

export const scaleFlags = {
  count: text('How many tasks [default: as many as there are]', 'N'),
  instances: text('How many container instances [default: as many as there are]', 'N'),
};
export const onInstance = {
  'on-instance': onOff('Also run docker ps and curl on the container instance, through SSM'),
};
export const watch = { watch: onOff('Look again every two seconds, until Ctrl-C') };

/** What only `up` can choose. */
export const upFlags = {
  'instance-type': text(`Type of the container instance [default: ${defaults.instanceType}]`, 'TYPE'),
  image: text("Container image in place of the tutorial's", 'IMAGE'),
  'container-port': text(
    'Port that the image listens on; of a task definition, which of its ports [default: 4567]',
    'PORT',
  ),
  command: text("Command of the container in place of the tutorial's: words, or a JSON array", 'WORDS'),
  'task-definition': text('Your own task definition: JSON or YAML, of the API, the CLI or CloudFormation', 'FILE'),
  container: text('Container of it that the load balancer talks to [default: as it is, or the likeliest]', 'NAME'),
  ttl: text('How long it may live: `ecsdemo sweep --expired` takes it after that [default: for ever]', '2h'),
  'key-name': text('EC2 key pair for SSH to the container instance', 'NAME'),
  'ssh-from': text('Open SSH to this block of IPv4 or IPv6 addresses', 'CIDR'),
  'vpc-id': text('VPC in place of the default one; needs --subnet-ids', 'ID'),
  'subnet-ids': text('Two or more subnets, comma-separated, in different zones', 'ID,ID'),
};
