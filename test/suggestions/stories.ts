// Situations in which people are advised, each with the suggestion that is taken, literally, in a shell, and with what is seen
// then. Data only; suggestions.test.ts plays them.

export interface Story {
  /** The suggestions that it takes, as inventory.ts words them. */
  sites: readonly string[];
  /** Files beside the person, by name. */
  files?: Record<string, string>;
  /** What came before: lines for the shell. */
  before?: string[];
  /** What fails, with --json in it. */
  fails: string;
  /** Which of the printed suggestions is taken. */
  takes: RegExp;
  /** For the … in it. */
  fill?: string;
  /** What its comment says is to be done first: a line for the shell. */
  first?: string;
  /** True: it changes the shell (export, unset), and the same command is run after it. */
  again?: true;
  /** What the person types in answer to its questions. */
  types?: string;
  /** True: a command that looks, whose exit code is no matter; `shows` is. */
  looks?: true;
  /** What it shows. Absent: that it succeeds is enough. */
  shows?: RegExp;
  /** True: in a shell that is aimed at the sandbox by its environment, as if it were AWS. */
  asAws?: true;
  /** True: the AWS CLI has a part in it; skipped where it is missing. */
  awsCli?: true;
}

const up = 'ecsdemo up --local --json';
const nginx = (more: object = {}, task: object = {}): string =>
  JSON.stringify({
    containerDefinitions: [
      { name: 'web', image: 'nginx', memory: 128, portMappings: [{ containerPort: 80 }], ...more },
    ],
    ...task,
  });
const withFile = `${up} --task-definition app.json --expect nginx`;
const group = (name: string): string =>
  `$(aws ec2 describe-security-groups --filters Name=group-name,Values=${name} --query 'SecurityGroups[0].GroupId' --output text)`;
const aimed = (line: string): string => `(eval "$(ecsdemo sandbox env)" && ${line})`;
const shut = aimed(
  `aws ec2 revoke-security-group-ingress --group-id ${group('my-ecs-sg')} --ip-permissions "$(aws ec2 describe-security-groups --filters Name=group-name,Values=my-ecs-sg --query 'SecurityGroups[0].IpPermissions' --output json)"`,
);
const theirCluster = aimed('aws ecs create-cluster --cluster-name my-cluster');

export const stories: Record<string, Story> = {
  'doctor where a fault is on': {
    sites: ['commands/doctor-sandbox.ts: ecsdemo sandbox fault clear'],
    before: ['ecsdemo sandbox start --fault task-slow'],
    fails: 'ecsdemo doctor --local --json',
    takes: /sandbox fault clear/,
  },
  'doctor where the names are taken': {
    sites: ['actions/doctor.ts: ecsdemo up --name mine # a demo of another name'],
    before: ['ecsdemo sandbox start', theirCluster],
    fails: 'ecsdemo doctor --local --json',
    takes: /--name mine/,
    awsCli: true,
  },
  'a smoke run in CI without an account': {
    sites: ['commands/smoke.ts: (again) --local'],
    fails: 'CI=1 ecsdemo smoke --steps up --json',
    takes: /--local/,
  },
  'a smoke run of steps without up': {
    sites: ['commands/smoke.ts: (again) --steps …'],
    fails: 'ecsdemo smoke --local --steps scale --count 2 --json',
    takes: /--steps up,scale/,
  },
  'a smoke run of an image that there is not': {
    sites: ['commands/smoke.ts: ecsdemo smoke'],
    fails: 'ecsdemo smoke --local --steps up --image no/such --json',
    takes: /^ecsdemo smoke .*tongueroo/,
  },
  'a smoke run that failed and was kept': {
    sites: ['commands/smoke.ts: ecsdemo destroy'],
    fails: 'ecsdemo smoke --local --steps up --keep --image no/such --json',
    takes: /^ecsdemo destroy/,
    shows: /nothing is left/,
  },
  'a policy for a repository without its principal': {
    sites: ['commands/policy.ts: (again) --principal github'],
    fails: 'ecsdemo policy up --account 123456789012 --repo octo-org/octo-repo --json',
    takes: /--principal github/,
  },
  'a policy for what is no command': {
    sites: ['commands/policy.ts: ecsdemo policy …'],
    fails: 'ecsdemo policy smok --json',
    takes: /^ecsdemo policy smoke/,
  },
  'a policy for GitHub without an account': {
    sites: ['actions/policy.ts: (again) --flag …'],
    fails: 'ecsdemo policy up --principal github --repo octo-org/octo-repo --json',
    takes: /--account 123456789012/,
  },
  'a sandbox with a policy that is not there': {
    sites: ['sandbox/authorization/policy-file.ts: ecsdemo policy # prints one'],
    fails: 'ecsdemo sandbox start --policy none.json --json',
    takes: /^ecsdemo policy/,
    shows: /"Statement"/,
  },
  'a sandbox with a policy that is none': {
    sites: ['sandbox/authorization/policy.ts: ecsdemo policy # prints one that can be'],
    files: { 'policy.json': '{"Version":"2012-10-17"}' },
    fails: 'ecsdemo sandbox start --policy policy.json --json',
    takes: /^ecsdemo policy/,
    shows: /"Statement"/,
  },
  'a path of a page, without its slash': {
    sites: ['base/flag-values.ts: (again) --path …'],
    fails: `${up} --image nginx --container-port 80 --expect nginx --path index.html`,
    takes: /--path \/index.html/,
  },
  'Ctrl-C while a slow program starts, and on': {
    sites: ['commands/ecsdemo-command.ts: (again)'],
    fails: `timeout --signal INT 1 ${up} --image ecsdemo/slow --container-port 8080 --expect late`,
    takes: /^ecsdemo up/,
  },
  'Ctrl-C while a slow program starts, and away': {
    sites: ['commands/ecsdemo-command.ts: ecsdemo destroy'],
    fails: `timeout --signal INT 1 ${up} --image ecsdemo/slow --container-port 8080 --expect late`,
    takes: /^ecsdemo destroy/,
    shows: /nothing is left/,
  },
  'a container that waits for one that never ends': {
    sites: ['aws/diagnosis.ts: (again) # once "…" …, or "condition" is "START", in …'],
    files: {
      'app.json': JSON.stringify({
        containerDefinitions: [
          { name: 'init', image: 'busybox', memory: 16, essential: false, command: ['sleep', 'infinity'] },
          {
            name: 'web',
            image: 'nginx',
            memory: 128,
            portMappings: [{ containerPort: 80 }],
            dependsOn: [{ containerName: 'init', condition: 'COMPLETE' }],
          },
        ],
      }),
    },
    fails: `${withFile} --timeout 8s`,
    takes: /# once "init" ends by itself/,
    first: "sed -i 's/COMPLETE/START/' app.json",
  },
  'a log group that is missing': {
    sites: ['aws/stop-reasons.ts: aws logs create-log-group --log-group-name ……'],
    files: {
      'app.json': nginx({
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/demo', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'web' },
        },
      }),
    },
    fails: withFile,
    takes: /create-log-group/,
    awsCli: true,
  },
  'a role that is missing': {
    sites: [
      'aws/stop-reasons.ts: aws iam create-role --role-name … --assume-role-policy-document … # if there is none',
    ],
    files: { 'app.json': nginx({}, { taskRoleArn: 'arn:aws:iam::123456789012:role/none' }) },
    before: [
      'ecsdemo sandbox start',
      `eval "$(ecsdemo sandbox env)"; sed -i "s/123456789012/$(aws sts get-caller-identity --query Account --output text)/" app.json`,
    ],
    fails: withFile,
    takes: /create-role/,
    awsCli: true,
  },
  'a file that is its author’s to change': {
    sites: ['aws/stop-reasons.ts: (again) # …'],
    files: {
      'app.json': nginx({ environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::none/a.env' }] }),
      'mended.json': nginx(),
    },
    fails: withFile,
    takes: /# once "environment" is in app.json/,
    first: 'cp mended.json app.json',
  },
  'an image that the sandbox has no stand-in for': {
    sites: ['aws/stop-reasons.ts: ecsdemo sandbox image add … --like … # plays it with a stand-in'],
    fails: `${up} --image no/such`,
    takes: /sandbox image add/,
  },
  'an image that there is not': {
    sites: ["aws/stop-reasons.ts: ecsdemo up --image tongueroo/sinatra:latest # the tutorial's"],
    fails: `${up} --image tongueroo/sinatra:none`,
    takes: /# the tutorial's$/,
  },
  'a command that the image has not': {
    sites: ["aws/stop-reasons.ts: (again) # the image's own command"],
    fails: `${up} --image nginx --container-port 80 --expect nginx --command 'foo bar'`,
    takes: /own command$/,
  },
  'a program that ends': {
    sites: ['aws/stop-reasons.ts: ecsdemo sandbox logs # shows what it wrote'],
    fails: `${up} --image ecsdemo/crash`,
    takes: /sandbox logs/,
    shows: /crash: exiting with 1 on purpose/,
  },
  'a program on another port': {
    sites: ['aws/diagnosis.ts: ecsdemo up --container-port … # the port that the program listens on'],
    fails: `${up} --image nginx --expect nginx`,
    takes: /--container-port …/,
    fill: '80',
  },
  'a program on another port than its file says': {
    sites: ['aws/diagnosis.ts: (again) # once containerPort in … is the port that the program listens on'],
    files: { 'app.json': nginx({ portMappings: [{ containerPort: 8123 }] }), 'mended.json': nginx() },
    fails: withFile,
    takes: /# once containerPort/,
    first: 'cp mended.json app.json',
  },
  'a program that answers badly': {
    sites: ['aws/diagnosis.ts: ecsdemo sandbox logs # shows what the program wrote'],
    fails: `${up} --image ecsdemo/http-500 --container-port 8080`,
    takes: /sandbox logs/,
    shows: /answers every request with 500/,
  },
  'a rule that somebody took away': {
    sites: ['aws/diagnosis.ts: ecsdemo up', 'chapters/tutorial/checks.ts: ecsdemo up'],
    before: [up, shut],
    fails: 'ecsdemo verify --local --json',
    takes: /^ecsdemo up/,
    awsCli: true,
  },
  'a fault that is on': {
    sites: ['commands/faults-on.ts: ecsdemo sandbox fault clear'],
    before: ['ecsdemo sandbox start', 'ecsdemo sandbox fault cannot-pull'],
    fails: up,
    takes: /sandbox fault clear cannot-pull/,
  },
  'two faults that are on': {
    sites: [],
    before: [
      'ecsdemo sandbox start',
      'ecsdemo sandbox fault task-crashes-on-start',
      'ecsdemo sandbox fault describe-slow --operation ecs:ListClusters',
      'ecsdemo sandbox fault access-denied --operation ecs:CreateService',
    ],
    fails: up,
    takes: /sandbox fault clear/,
    first: 'ecsdemo sandbox fault clear task-crashes-on-start',
  },
  'a group that another uses': {
    sites: ['actions/destroy.ts: ecsdemo destroy # once what uses it is gone'],
    before: [
      up,
      aimed(
        `aws ec2 create-security-group --group-name theirs --description x && aws ec2 authorize-security-group-ingress --group-id ${group('theirs')} --ip-permissions "IpProtocol=tcp,FromPort=1,ToPort=1,UserIdGroupPairs=[{GroupId=${group('my-ecs-sg')}}]"`,
      ),
    ],
    fails: 'ecsdemo destroy --local --yes --json',
    takes: /# once what uses it is gone/,
    first: aimed(`aws ec2 delete-security-group --group-id ${group('theirs')}`),
    awsCli: true,
  },
  'a cluster of our name that is not ours, to be removed': {
    sites: ['actions/destroy.ts: ecsdemo destroy --adopt # takes it away too, if it is yours'],
    before: ['ecsdemo sandbox start', theirCluster],
    fails: 'ecsdemo destroy --local --yes --json',
    takes: /--adopt/,
    awsCli: true,
  },
  'a cluster of our name that is not ours': {
    sites: ['aws/ownership.ts: ecsdemo up --adopt # takes it over, if it is yours'],
    before: ['ecsdemo sandbox start', theirCluster],
    fails: up,
    takes: /--adopt/,
    awsCli: true,
  },
  'a cluster of our name that is somebody’s': {
    sites: ['aws/ownership.ts: ecsdemo up --name mine # a demo of another name'],
    before: ['ecsdemo sandbox start', theirCluster],
    fails: up,
    takes: /--name mine/,
    awsCli: true,
  },
  'a cluster of another demo': {
    sites: ['aws/ownership.ts: ecsdemo status --name … # shows that one'],
    before: [
      'ecsdemo sandbox start',
      aimed('aws ecs create-cluster --cluster-name my-cluster --tags key=ecsdemo:demo,value=other'),
    ],
    fails: up,
    takes: /status --name other/,
    looks: true,
    shows: /other/,
    awsCli: true,
  },
  'a cluster that is not ours, to be scaled': {
    sites: ['chapters/tutorial/scaling.ts: ecsdemo up --adopt # takes it over, if it is yours'],
    before: [
      up,
      aimed(
        'aws ecs untag-resource --resource-arn "$(aws ecs describe-clusters --clusters my-cluster --query \'clusters[0].clusterArn\' --output text)" --tag-keys ecsdemo:demo',
      ),
    ],
    fails: 'ecsdemo scale --count 2 --local --json',
    takes: /--adopt/,
    awsCli: true,
  },
  'an instance that is protected': {
    sites: ['aws/told-by-text.ts: aws …'],
    before: [
      up,
      aimed(
        'aws ec2 modify-instance-attribute --disable-api-termination --instance-id "$(aws ec2 describe-instances --query \'Reservations[0].Instances[0].InstanceId\' --output text)"',
      ),
    ],
    fails: 'ecsdemo destroy --local --yes --json',
    takes: /--no-disable-api-termination/,
    awsCli: true,
  },
  'no credentials, and no account': {
    sites: ['aws/faults.ts: ecsdemo up --local # without an account'],
    fails: 'ecsdemo up --yes --region us-east-1 --json',
    takes: /--local/,
  },
  'no credentials, and keys at hand': {
    sites: ['aws/faults.ts: aws configure'],
    asAws: true,
    before: [
      'echo "$AWS_ACCESS_KEY_ID" > typed; echo "$AWS_SECRET_ACCESS_KEY" >> typed; echo us-east-1 >> typed; echo json >> typed',
    ],
    fails: 'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; ecsdemo up --dry-run --json',
    takes: /^aws configure$/,
    types: 'typed',
    again: true,
    awsCli: true,
  },
  'no credentials, and a profile': {
    sites: ['aws/faults.ts: export AWS_PROFILE=…'],
    asAws: true,
    before: [
      'mkdir .aws; printf "[profile a]\\naws_access_key_id = %s\\naws_secret_access_key = %s\\n" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" > .aws/config',
    ],
    fails: 'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; ecsdemo up --dry-run --json',
    takes: /AWS_PROFILE=…/,
    fill: 'a',
    again: true,
  },
  'a profile that there is not': {
    sites: [
      'aws/credentials.ts: grep -h "^\\[" "${AWS_CONFIG_FILE:-$HOME/.aws/config}" "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" # shows which there are',
    ],
    asAws: true,
    before: ['mkdir .aws; printf "[profile other]\\nregion = us-east-1\\n" > .aws/config'],
    fails: 'ecsdemo status --profile nope --json',
    takes: /^grep/,
    looks: true,
    shows: /\[profile other\]/,
  },
  'no region': {
    sites: ['aws/faults.ts: (again) --region us-east-1'],
    asAws: true,
    fails: 'unset AWS_REGION AWS_DEFAULT_REGION; ecsdemo up --dry-run --json',
    takes: /--region us-east-1/,
  },
  'no region in the shell': {
    sites: ['aws/faults.ts: export AWS_REGION=us-east-1'],
    asAws: true,
    fails: 'unset AWS_REGION AWS_DEFAULT_REGION; ecsdemo up --dry-run --json',
    takes: /export AWS_REGION/,
    again: true,
  },
  'keys that AWS does not know': {
    sites: ['aws/faults.ts: aws configure list # shows where they come from'],
    asAws: true,
    fails: 'export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE; ecsdemo status --json',
    takes: /configure list/,
    looks: true,
    shows: /access_key.*env/,
    awsCli: true,
  },
  'a key pair that there is not': {
    sites: ['aws/faults.ts: ecsdemo up # `ecsdemo verify --on-instance` needs none'],
    fails: `${up} --key-name none`,
    takes: /^ecsdemo up/,
  },
  'a key pair of another name': {
    sites: ['aws/faults.ts: aws ec2 describe-key-pairs # shows which there are'],
    before: ['ecsdemo sandbox start', aimed('aws ec2 create-key-pair --key-name other')],
    fails: `${up} --key-name none`,
    takes: /describe-key-pairs/,
    shows: /other/,
    awsCli: true,
  },
  'a right that the credentials lack': {
    sites: ['aws/faults.ts: (again) # once these credentials may …'],
    asAws: true,
    before: ['ecsdemo sandbox fault access-denied --operation ecs:CreateCluster'],
    fails: 'ecsdemo up --yes --json',
    takes: /# once these credentials may ecs:CreateCluster/,
    first: 'ecsdemo sandbox fault clear',
  },
  'credentials that have expired': {
    sites: ['aws/faults.ts: (again) # once they are fresh: it goes on where this one stopped'],
    asAws: true,
    before: ['ecsdemo sandbox fault expired-token'],
    fails: 'ecsdemo up --yes --json',
    takes: /# once they are fresh/,
    first: 'ecsdemo sandbox fault clear',
  },
  'a service that is down for a while': {
    sites: ['base/suggestion.ts: (again) # in a minute: it goes on where this one stopped'],
    asAws: true,
    before: ['ecsdemo sandbox fault server-error --operation ecs:DescribeClusters --times 0'],
    fails: 'ecsdemo up --yes --json',
    takes: /# in a minute/,
    first: 'ecsdemo sandbox fault clear',
  },
  'an endpoint where nobody listens': {
    sites: [
      'aws/network-faults.ts: (again) # once the network, the region, AWS_ENDPOINT_URL and HTTPS_PROXY lead there',
    ],
    asAws: true,
    before: ['echo "export AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL" > right'],
    fails: 'export AWS_MAX_ATTEMPTS=1; export AWS_ENDPOINT_URL=http://127.0.0.1:9; ecsdemo up --dry-run --json',
    takes: /# once the network/,
    first: '. ./right',
  },
  'an endpoint that is not AWS': {
    sites: ['aws/network-faults.ts: (again) # once AWS_ENDPOINT_URL and the proxy lead to AWS'],
    asAws: true,
    before: ['echo "export AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL" > right', 'ecsdemo up --yes --json > up.json'],
    fails:
      'export AWS_ENDPOINT_URL=$(sed -n \'s/.*"url": "\\(http[^"]*\\)\\/".*/\\1/p\' up.json | head -1); ecsdemo up --dry-run --json',
    takes: /# once AWS_ENDPOINT_URL/,
    first: '. ./right',
  },
  'who answers at an endpoint that is not AWS': {
    sites: ['aws/answers.ts: curl -i … # shows who answers there'],
    asAws: true,
    before: ['ecsdemo up --yes --json > up.json'],
    fails:
      'export AWS_ENDPOINT_URL=$(sed -n \'s/.*"url": "\\(http[^"]*\\)\\/".*/\\1/p\' up.json | head -1); ecsdemo up --dry-run --json',
    takes: /^curl -i/,
    shows: /42/,
  },
  'an endpoint that is no address': {
    sites: ['base/aws-environment.ts: unset … # for AWS itself'],
    asAws: true,
    fails: 'export AWS_ENDPOINT_URL_ECS=notaurl; ecsdemo up --dry-run --json',
    takes: /^unset AWS_ENDPOINT_URL_ECS/,
    again: true,
  },
  'a proxy that is no address': {
    sites: ['base/aws-environment.ts: unset … # for no proxy'],
    asAws: true,
    fails: 'export HTTPS_PROXY=ftp://x; ecsdemo up --dry-run --json',
    takes: /^unset HTTPS_PROXY/,
    again: true,
  },
  'a switch that is neither on nor off': {
    sites: ['base/aws-environment.ts: unset …'],
    asAws: true,
    fails: 'export AWS_USE_FIPS_ENDPOINT=perhaps; ecsdemo up --dry-run --json',
    takes: /^unset AWS_USE_FIPS_ENDPOINT/,
    again: true,
  },
  'attempts that are no number': {
    sites: ['base/aws-environment.ts: unset AWS_MAX_ATTEMPTS # for ten'],
    asAws: true,
    fails: 'export AWS_MAX_ATTEMPTS=many; ecsdemo up --dry-run --json',
    takes: /^unset AWS_MAX_ATTEMPTS/,
    again: true,
  },
  'a retry mode that there is not': {
    sites: ['base/aws-environment.ts: export AWS_RETRY_MODE=standard'],
    asAws: true,
    fails: 'export AWS_RETRY_MODE=often; ecsdemo up --dry-run --json',
    takes: /AWS_RETRY_MODE=standard/,
    again: true,
  },
  'a region that is none': {
    sites: ['base/aws-environment.ts: export …=us-east-1'],
    asAws: true,
    fails: "export AWS_REGION='a b'; ecsdemo up --dry-run --json",
    takes: /export AWS_REGION=us-east-1/,
    again: true,
  },
  'a path without its slash': {
    sites: ['base/flag-values.ts: (again) --path /…'],
    fails: `${up} --dry-run --path health`,
    takes: /--path \/health/,
  },
  'an address without its mask': {
    sites: ['base/flag-values.ts: (again) --ssh-from …'],
    fails: `${up} --dry-run --ssh-from 10.1.2.3`,
    takes: /--ssh-from/,
  },
  'a value that is none of those': {
    sites: ['base/flag-values.ts: (again) --… …'],
    fails: `${up} --dry-run --count two`,
    takes: /^ecsdemo up/,
  },
  'a name that would break a limit': {
    sites: ['base/names.ts: (again) --name ci-42 # 1 to 19 letters, digits and single hyphens'],
    fails: `${up} --dry-run --name a--b`,
    takes: /--name ci-42/,
  },
  'a pace that is none': {
    sites: ['base/settings.ts: (again) --pace 10'],
    fails: `${up} --dry-run --pace quick`,
    takes: /--pace 10/,
  },
  'a pace without the sandbox': {
    sites: ['base/settings.ts: (again) --local --pace …'],
    fails: 'ecsdemo up --dry-run --json --pace 10',
    takes: /--local --pace 10/,
  },
  'too little time': {
    sites: ['base/suggestion.ts: (again) --timeout 30m # gives it longer'],
    before: ['ecsdemo sandbox start --pace 60'],
    fails: `${up} --timeout 2s`,
    takes: /--timeout 30m/,
  },
  'too little time, twice': {
    sites: ['base/suggestion.ts: (again) # goes on where this one stopped'],
    before: ['ecsdemo sandbox start --pace 100'],
    fails: `${up} --timeout 1500ms`,
    takes: /# goes on/,
    first: 'ecsdemo up --local --through service --quiet',
  },
  'another answer than expected': {
    sites: ['chapters/tutorial/checks.ts: curl -i … # shows the answer'],
    before: [up],
    fails: 'ecsdemo verify --local --json --expect other',
    takes: /^curl -i/,
    shows: /42/,
  },
  'no sandbox': {
    sites: ['commands/sandbox/running.ts: ecsdemo sandbox start'],
    fails: 'ecsdemo sandbox status --json',
    takes: /sandbox start/,
  },
  'no sandbox and no demo': {
    sites: ['commands/sandbox/running.ts: ecsdemo up --local'],
    fails: 'ecsdemo sandbox kill task --json',
    takes: /up --local/,
  },
  'nothing to kill': {
    sites: ['sandbox/control/requests.ts: ecsdemo up --local'],
    before: ['ecsdemo sandbox start'],
    fails: 'ecsdemo sandbox kill task --json',
    takes: /up --local/,
  },
  'nothing to kill, to be looked at': {
    sites: ['sandbox/control/requests.ts: ecsdemo status --local'],
    before: ['ecsdemo sandbox start'],
    fails: 'ecsdemo sandbox kill task --json',
    takes: /status --local/,
    looks: true,
    shows: /nothing exists/,
  },
  'something to kill that is none': {
    sites: ['commands/sandbox/kill.ts: ecsdemo sandbox kill …'],
    before: [up],
    fails: 'ecsdemo sandbox kill everything --json',
    takes: /kill task/,
  },
  'a fault that there is not': {
    sites: ['commands/sandbox/fault-text.ts: ecsdemo sandbox fault …'],
    before: ['ecsdemo sandbox start'],
    fails: 'ecsdemo sandbox fault thortling --json',
    takes: /fault throttling/,
  },
  'faults to choose from': {
    sites: ['commands/sandbox/fault-text.ts: ecsdemo sandbox fault list'],
    before: ['ecsdemo sandbox start'],
    fails: 'ecsdemo sandbox fault nothing-like-it --json',
    takes: /fault list/,
    shows: /cannot-pull/,
  },
  'a stand-in without a name': {
    sites: ['commands/sandbox/image-add.ts: ecsdemo sandbox image add …'],
    before: ['ecsdemo sandbox start'],
    fails: 'ecsdemo sandbox image add --json',
    takes: /image add own\/app:v2/,
  },
  'a flag that there is not': {
    sites: ['commands/usage.ts: ecsdemo … --help'],
    fails: 'ecsdemo up --cuont 3 --json',
    takes: /up --help/,
    shows: /--count/,
  },
  'a number without its flag': {
    sites: ['commands/usage.ts: ecsdemo … --count …'],
    before: [up],
    fails: 'ecsdemo scale --local --json 2',
    takes: /--count 2/,
  },
  'a name without its flag': {
    sites: ['commands/usage.ts: ecsdemo … --name …'],
    fails: 'ecsdemo up --local --json --dry-run ci',
    takes: /--name ci/,
  },
  'flags before the command': {
    sites: ['commands/usage.ts: ecsdemo  …'],
    fails: 'ecsdemo --local up --dry-run --json',
    takes: /^ecsdemo up/,
  },
  'a flag that takes no value': {
    sites: ['commands/usage.ts: (again) --name'],
    fails: 'ecsdemo up --local=yes --dry-run --json',
    takes: /--local/,
  },
  'no number of tasks': {
    sites: ['commands/scale.ts: ecsdemo scale --count 4'],
    before: [up],
    fails: 'ecsdemo scale --local --json',
    takes: /--count 4/,
  },
  'a file that is not JSON': {
    sites: ['document/task-definition-file.ts: (again) # once … is changed'],
    files: { 'app.json': `${nginx()}}`, 'mended.json': nginx() },
    fails: withFile,
    takes: /# once .* changed/,
    first: 'cp mended.json app.json',
  },
  'a file that there is not': {
    sites: ["document/task-definition-file.ts: cp … . # the tutorial's own, to start from"],
    fails: `${up} --task-definition task-definition.json --dry-run`,
    takes: /^cp /,
    again: true,
  },
  'a file of another name': {
    sites: ['document/task-definition-file.ts: (again) --task-definition ./task-definition.json'],
    files: { 'task-definition.json': nginx() },
    fails: `${up} --task-definition none.json --expect nginx --dry-run`,
    takes: /--task-definition .\/task-definition.json/,
  },
  'a service in place of its task definition': {
    sites: ['document/shapes.ts: (again) --task-definition ./task-definition.json'],
    files: { 'app.json': JSON.stringify([JSON.parse(nginx()), JSON.parse(nginx())]), 'task-definition.json': nginx() },
    fails: `${withFile} --dry-run`,
    takes: /--task-definition .\/task-definition.json/,
  },
  'a demo that there is not': {
    sites: ['resources/ecs/service.ts: ecsdemo up'],
    fails: 'ecsdemo scale --count 2 --local --json',
    takes: /^ecsdemo up/,
  },
  'a target that nobody is behind': {
    sites: ['resources/ecs/hopeless.ts: aws elbv2 deregister-targets --target-group-arn … --targets Id=…,Port=…'],
    before: [
      up,
      aimed(
        'aws elbv2 register-targets --target-group-arn "$(aws elbv2 describe-target-groups --query \'TargetGroups[0].TargetGroupArn\' --output text)" --targets "Id=$(aws ec2 describe-instances --query \'Reservations[0].Instances[0].InstanceId\' --output text),Port=9"',
      ),
    ],
    fails: 'ecsdemo verify --local --json',
    takes: /deregister-targets/,
    awsCli: true,
  },
  'more tasks than have room': {
    sites: ['resources/ecs/placement.ts: ecsdemo scale …'],
    before: [up],
    fails: 'ecsdemo scale --count 30 --local --json',
    takes: /--instances \d/,
  },
  'one task that is too large': {
    sites: ['resources/ecs/placement.ts: (again) # once the task definition reserves less: …'],
    files: { 'app.json': nginx({ memory: 2000 }), 'mended.json': nginx() },
    fails: withFile,
    takes: /# once the task definition reserves less/,
    first: 'cp mended.json app.json',
  },
  'a GPU that there is not': {
    sites: [
      'resources/ecs/placement.ts: (again) # once "resourceRequirements" is out of the task definition, if the program runs without',
    ],
    files: {
      'app.json': nginx({ resourceRequirements: [{ type: 'GPU', value: '1' }] }),
      'mended.json': nginx(),
    },
    fails: withFile,
    takes: /"resourceRequirements"/,
    first: 'cp mended.json app.json',
  },
  'a constraint that nobody meets': {
    sites: [
      'resources/ecs/placement.ts: (again) # once the constraint is out of "placementConstraints" of the task definition',
    ],
    files: {
      'app.json': nginx(
        {},
        { placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.instance-type == m5.large' }] },
      ),
      'mended.json': nginx(),
    },
    before: [up],
    fails: withFile,
    takes: /placementConstraints/,
    first: 'cp mended.json app.json',
  },
  'a live view as one document': {
    sites: ['commands/status.ts: (again)'],
    before: ['ecsdemo sandbox start'],
    fails: 'ecsdemo status --local --watch --json',
    takes: /^ecsdemo status --local --json$/,
  },
  'a shell without a name': {
    sites: ['commands/completion.ts: ecsdemo completion …'],
    fails: 'ecsdemo completion --json',
    takes: /completion bash/,
    shows: /complete/,
  },
  'a report that cannot be written': {
    sites: ['commands/reports.ts: (again) --kind ./….…'],
    fails: `${up} --junit none/report.xml`,
    takes: /--junit .\/junit.xml/,
  },
  'a sweep that nobody can agree to': {
    sites: ['commands/sweep.ts: ecsdemo sweep --yes'],
    asAws: true,
    fails: 'ecsdemo sweep --json',
    takes: /--yes/,
  },
  'a sweep that nobody can agree to, to be looked at': {
    sites: ['commands/sweep.ts: ecsdemo sweep --dry-run'],
    asAws: true,
    fails: 'ecsdemo sweep --json',
    takes: /--dry-run/,
  },
  'demos that are found': {
    sites: ['commands/sweep.ts: (again)'],
    before: [up],
    fails: 'ecsdemo sweep --local --dry-run --json',
    takes: /^ecsdemo sweep --local$/,
    shows: /removed/,
  },
  'a container that there is not': {
    sites: ['document/served.ts: (again) --container …'],
    files: { 'app.json': nginx() },
    fails: `${withFile} --container wbe`,
    takes: /--container web/,
  },
  'several task definitions in a file': {
    sites: ['document/shapes.ts: jq … … > task-definition.json'],
    files: { 'app.json': JSON.stringify([JSON.parse(nginx()), JSON.parse(nginx())]) },
    fails: `${withFile} --dry-run`,
    takes: /^jq/,
    first: 'jq --version',
  },
  'a host port that stays taken': {
    sites: ['resources/ecs/placement.ts: (again) # once … in the task definition: ECS chooses a free port then'],
    files: {
      'old.json': nginx({ portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
      'app.json': nginx({
        portMappings: [{ containerPort: 80, hostPort: 8080 }],
        environment: [{ name: 'A', value: '1' }],
      }),
      'mended.json': nginx(),
    },
    before: [`${up} --task-definition old.json --expect nginx`],
    fails: withFile,
    takes: /"hostPort" is 0/,
    first: 'cp mended.json app.json',
  },
  'a deployment that leaves no room for itself': {
    sites: [
      'resources/ecs/placement.ts: aws ecs update-service --cluster … --service … --deployment-configuration … # stops the old before the new starts',
    ],
    files: {
      'old.json': nginx({ portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
      'app.json': nginx({
        portMappings: [{ containerPort: 80, hostPort: 8080 }],
        environment: [{ name: 'A', value: '1' }],
      }),
    },
    before: [`${up} --task-definition old.json --expect nginx`],
    fails: withFile,
    takes: /update-service/,
    awsCli: true,
  },
  'another processor': {
    sites: [
      'resources/ecs/placement.ts: (again) # once "runtimePlatform" of the task definition is another, if the image is for both',
    ],
    files: { 'app.json': nginx({}, { runtimePlatform: { cpuArchitecture: 'ARM64' } }), 'mended.json': nginx() },
    before: [up],
    fails: withFile,
    takes: /"runtimePlatform"/,
    first: 'cp mended.json app.json',
  },
  'an attribute of one’s own': {
    sites: ['resources/ecs/placement.ts: aws ecs put-attributes --cluster … --attributes name=…,value=…,targetId=…'],
    files: {
      'app.json': nginx({}, { placementConstraints: [{ type: 'memberOf', expression: 'attribute:stack == prod' }] }),
    },
    before: [up],
    fails: withFile,
    takes: /put-attributes/,
    awsCli: true,
  },
  'an instance type that there is not': {
    sites: ['resources/ec2/subnets.ts: ecsdemo up --instance-type …'],
    fails: `${up} --instance-type m9.large`,
    takes: /--instance-type t3.micro/,
  },
  'instance types to choose from': {
    sites: ['resources/ec2/subnets.ts: aws ec2 describe-instance-type-offerings # shows what is'],
    fails: `${up} --instance-type m9.large`,
    takes: /describe-instance-type-offerings/,
    shows: /t3.micro/,
    awsCli: true,
  },
  'an instance profile without its role': {
    sites: [
      'resources/iam/instance-profile.ts: aws iam add-role-to-instance-profile --instance-profile-name … --role-name …',
    ],
    before: [
      'ecsdemo sandbox start',
      aimed(
        'aws iam create-instance-profile --instance-profile-name ecsInstanceRole && aws iam create-role --role-name ecsInstanceRole --assume-role-policy-document \'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}\' && aws iam attach-role-policy --role-name ecsInstanceRole --policy-arn arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
      ),
    ],
    fails: up,
    takes: /add-role-to-instance-profile/,
    awsCli: true,
  },
  'an instance profile that is somebody’s': {
    sites: ['resources/iam/instance-profile.ts: ecsdemo up --name mine # a demo of another name'],
    before: ['ecsdemo sandbox start', aimed('aws iam create-instance-profile --instance-profile-name ecsInstanceRole')],
    fails: up,
    takes: /--name mine/,
    awsCli: true,
  },
  'state that cannot be read': {
    sites: ['sandbox/store.ts: ecsdemo sandbox start # begins with an empty sandbox'],
    before: [up, 'ecsdemo sandbox stop; rm -f sandbox/state.previous.json; echo junk > sandbox/state.json'],
    fails: 'ecsdemo sandbox start --json',
    takes: /# begins with an empty sandbox/,
  },
  'a profile that is still to be made': {
    sites: ['aws/credentials.ts: aws configure --profile … # makes it'],
    asAws: true,
    before: [
      'echo "$AWS_ACCESS_KEY_ID" > typed; echo "$AWS_SECRET_ACCESS_KEY" >> typed; echo us-east-1 >> typed; echo json >> typed',
    ],
    fails: 'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; ecsdemo up --profile nope --dry-run --json',
    takes: /configure --profile nope/,
    types: 'typed',
    awsCli: true,
  },
  'a credential program that fails': {
    sites: ['aws/credentials.ts: aws sts get-caller-identity --profile … # shows what it says to the AWS CLI'],
    asAws: true,
    before: [
      'mkdir .aws; printf "[profile a]\\ncredential_process = sh -c \'echo no ticket >&2; exit 1\'\\n" > .aws/config',
    ],
    fails: 'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; ecsdemo up --profile a --dry-run --json',
    takes: /get-caller-identity/,
    looks: true,
    shows: /no ticket/,
    awsCli: true,
  },
  'a program that ends, with its words in a log group': {
    sites: [
      "aws/stop-reasons.ts: aws logs filter-log-events --log-group-name …… --query 'events[].message' --output text # shows what it wrote",
    ],
    asAws: true,
    files: {
      'app.json': nginx({
        image: 'ecsdemo/crash',
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/demo', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'web' },
        },
      }),
    },
    before: ['aws logs create-log-group --log-group-name /demo'],
    fails: 'ecsdemo up --yes --json --task-definition app.json',
    takes: /filter-log-events/,
    shows: /crash: exiting with 1 on purpose/,
    awsCli: true,
  },
  'a fault that needs its operation': {
    sites: [
      'commands/sandbox/start.ts: ecsdemo sandbox start',
      'commands/sandbox/start.ts: ecsdemo sandbox fault … --operation ec2:RunInstances',
    ],
    fails: 'ecsdemo sandbox start --fault access-denied --json',
    takes: /sandbox start .*&& ecsdemo sandbox fault/,
  },
  'another network mode, beside it': {
    sites: ['resources/elbv2/target-group.ts: (again) --name other # another demo, beside this one'],
    files: { 'app.json': nginx({}, { networkMode: 'awsvpc' }) },
    before: [up],
    fails: withFile,
    takes: /--name other/,
  },
  'another network mode, in its place': {
    sites: ['resources/elbv2/target-group.ts: ecsdemo destroy'],
    files: { 'app.json': nginx({}, { networkMode: 'awsvpc' }) },
    before: [up],
    fails: withFile,
    takes: /^ecsdemo destroy/,
  },
  'a deletion that nobody can agree to': {
    sites: ['commands/destroy.ts: ecsdemo destroy --yes'],
    asAws: true,
    before: ['ecsdemo up --yes --json'],
    fails: 'ecsdemo destroy --json',
    takes: /--yes/,
  },
  'no tasks, to which nobody can agree': {
    sites: ['commands/scale.ts: (again) --yes'],
    asAws: true,
    before: ['ecsdemo up --yes --json'],
    fails: 'ecsdemo scale --count 0 --json',
    takes: /--yes/,
  },
  'subnets of another network': {
    sites: ['resources/ec2/subnets.ts: aws ec2 describe-subnets --filters Name=vpc-id,Values=… # shows which are'],
    asAws: true,
    fails:
      "VPC=$(aws ec2 describe-vpcs --query 'Vpcs[0].VpcId' --output text); ecsdemo up --yes --json --vpc-id $VPC --subnet-ids subnet-00000001,subnet-00000002",
    takes: /describe-subnets/,
    shows: /"SubnetId": "subnet-/,
    awsCli: true,
  },
  'no instance to run on': {
    sites: ['commands/refuse-early.ts: (again) --instances 1'],
    fails: `${up} --instances 0`,
    takes: /--instances 1/,
  },
  'a container port that is not mapped': {
    sites: ['document/served.ts: (again) --container-port …'],
    files: { 'app.json': nginx() },
    fails: `${withFile} --container-port 81`,
    takes: /--container-port 80/,
  },
  'one task that another type holds': {
    sites: ['resources/ecs/placement.ts: ecsdemo up --...beside … --instance-type …'],
    files: { 'app.json': nginx({ memory: 2000 }) },
    fails: withFile,
    takes: /--instance-type/,
  },
  'more tasks than one instance holds, from the start': {
    sites: ['resources/ecs/placement.ts: (again) …'],
    fails: `${up} --count 9`,
    takes: /--instances \d/,
  },
  'an attribute of one’s own, before there is an instance': {
    sites: ['resources/ecs/placement.ts: ecsdemo up --through instance # then give the instance the attribute'],
    files: {
      'app.json': nginx({}, { placementConstraints: [{ type: 'memberOf', expression: 'attribute:stack == prod' }] }),
    },
    fails: withFile,
    takes: /--through instance/,
  },
  'another operating system': {
    sites: ['resources/ecs/placement.ts: (again) # once "runtimePlatform" of the task definition is LINUX'],
    files: {
      'app.json': nginx({}, { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2019_CORE' } }),
      'mended.json': nginx(),
    },
    fails: withFile,
    takes: /is LINUX/,
    first: 'cp mended.json app.json',
  },
  'a cluster that is not ours, beside another demo': {
    sites: ['chapters/tutorial/scaling.ts: (again) --name … # another demo'],
    before: [
      up,
      `${up} --name other`,
      aimed(
        'aws ecs untag-resource --resource-arn "$(aws ecs describe-clusters --clusters my-cluster --query \'clusters[0].clusterArn\' --output text)" --tag-keys ecsdemo:demo',
      ),
    ],
    fails: 'ecsdemo scale --count 2 --local --json',
    takes: /--name …/,
    fill: 'other',
    awsCli: true,
  },
  'a right that the credentials lack, to be asked for': {
    sites: ['aws/faults.ts: ecsdemo policy # the least policy that allows it'],
    asAws: true,
    before: ['ecsdemo sandbox fault access-denied --operation ecs:CreateCluster'],
    fails: 'ecsdemo up --yes --json',
    takes: /^ecsdemo policy/,
    shows: /ecs:CreateCluster/,
  },
};
