// The AWS CLI: the tutorial as a person does it by hand, with the CLI's own waiters; the script is the bench's.
import { expect, it } from 'vitest';
import { aSandbox, expectNothingLeft, run, works } from './client.ts';

it.skipIf(!works('aws', ['--version']))('does the tutorial by hand (skipped: there is no `aws` here)', async () => {
  const sandbox = await aSandbox();
  const { code, stdout, all } = await run(sandbox, 'bash', ['bench/tutorial-by-hand.sh']);
  expect(all).toMatch(/^up \d+\nscale \d+\ndestroy \d+\n$/);
  expect({ code, stdout }).toMatchObject({ code: 0 });
  expectNothingLeft(sandbox);
});

it.skipIf(!works('aws', ['--version']))(
  "makes the calls of AWS's own script for a service without a load balancer (skipped: there is no `aws` here)",
  async () => {
    const sandbox = await aSandbox();
    const { code, stdout, all } = await run(sandbox, 'bash', ['test/clients/programs/nginx-service.sh']);
    expect({ code, all }).toMatchObject({ code: 0 });
    expect(stdout.trim().split('\n')).toEqual(['ACTIVE\t1', 'RUNNING\tRUNNING', 'ACTIVE\t1', 'INACTIVE']);
    expectNothingLeft(sandbox);
  },
);

it.skipIf(!works('aws', ['--version']))(
  'reads what is there with its plain commands (skipped: there is no `aws` here)',
  async () => {
    const sandbox = await aSandbox();
    for (const command of [
      'ec2 describe-volumes',
      'ec2 describe-instances',
      'ec2 describe-route-tables',
      'ec2 describe-internet-gateways',
      'ec2 describe-addresses',
      'ec2 describe-instance-types --instance-types t3.micro',
      'ssm get-parameters --names /aws/service/ecs/optimized-ami/amazon-linux-2/recommended',
      'elbv2 describe-load-balancers',
      'elbv2 describe-ssl-policies',
      'ecs list-services --cluster default',
      'iam list-policies --max-items 5',
      'logs describe-log-groups',
      'sts get-caller-identity',
    ]) {
      const { code, all } = await run(sandbox, 'aws', command.split(' '));
      // The cluster is none: the CLI must still have understood the answer.
      if (command.startsWith('ecs')) expect(all).toContain('ClusterNotFoundException');
      else expect({ command, code, all }).toMatchObject({ code: 0 });
    }
  },
);

it.skipIf(!works('aws', ['--version']))(
  'is told in its own words what is not offered (skipped: there is no `aws` here)',
  async () => {
    const sandbox = await aSandbox();
    for (const [command, words] of [
      ['s3api list-buckets', 'the ecsdemo sandbox has no service s3'],
      ['elb describe-load-balancers', 'the classic load balancer is not offered'],
      ['lambda list-functions', 'the ecsdemo sandbox has no service lambda'],
      ['route53 list-hosted-zones', 'the ecsdemo sandbox has no service route53'],
      ['ecr describe-repositories', 'images are stand-ins here'],
      ['ec2 create-vpc --cidr-block 10.0.0.0/16', 'there is one network, the default VPC'],
    ] as const) {
      const { code, all } = await run(sandbox, 'aws', command.split(' '));
      expect(code).not.toBe(0);
      expect(all).toContain(words);
    }
  },
);
