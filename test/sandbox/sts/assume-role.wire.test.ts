// A role is assumed, and its credentials work until they end.
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';
import { inProcess } from '../in-process.ts';
import { failureOf } from '../tiny-server.ts';

const trusting = (Principal: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  });

test('a role that trusts the account gives credentials that work, and those that have ended do not', async () => {
  const { sandbox, iam, sts } = await inProcess();
  const AssumeRolePolicyDocument = trusting({ AWS: `arn:aws:iam::${sandbox.account}:root` });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'deployer', AssumeRolePolicyDocument }));
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'ci' }));
  expect(assumed.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${sandbox.account}:assumed-role/deployer/ci`);
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {};
  const client = (secretAccessKey: string): EC2Client => {
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey, sessionToken: SessionToken };
    const made = new EC2Client({ endpoint: sandbox.endpoint, region: sandbox.region, credentials, maxAttempts: 1 });
    onTestFinished(() => made.destroy());
    return made;
  };
  const look = (secret: string) => client(secret).send(new DescribeVpcsCommand({}));
  expect((await look(SecretAccessKey)).Vpcs).toHaveLength(1);
  expect((await failureOf(look('other'))).name).toBe('AuthFailure');
  sandbox.loop.change(({ world }) => {
    for (const session of Object.values(world.sessions)) session.expiresAt = 0;
  });
  expect((await failureOf(look(SecretAccessKey))).name).toBe('RequestExpired');
});

test.each([
  ['ecsInstanceRole', 'AccessDenied'],
  ['none', 'AccessDenied'],
])('%s cannot be assumed', async (name, code) => {
  const { sandbox, iam, sts } = await inProcess();
  const AssumeRolePolicyDocument = trusting({ Service: 'ec2.amazonaws.com' });
  await iam.send(new CreateRoleCommand({ RoleName: 'ecsInstanceRole', AssumeRolePolicyDocument }));
  const RoleArn = `arn:aws:iam::${sandbox.account}:role/${name}`;
  const refused = await failureOf(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'ci' })));
  expect(refused).toMatchObject({
    name: code,
    message: expect.stringContaining('sts:AssumeRole on resource') as unknown,
  });
});
