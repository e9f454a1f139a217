// aws-nuke, taken from the PATH (Debian packages it): finds everything of the tutorial in the account, and deletes it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateAccountAliasCommand, IAMClient } from '@aws-sdk/client-iam';
import { expect, it, onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { startDemo, startService } from '../sandbox/ecs/demo.ts';
import { expectNothingLeft, run, temporaryDir, works } from './client.ts';

/** What the tutorial makes; of a whole account it would take the default VPC too. */
const targets = [
  'EC2Instance',
  'EC2SecurityGroup',
  'ECSClusterInstance',
  'ECSService',
  'ECSTaskDefinition',
  'ECSCluster',
  'ELBv2',
  'ELBv2TargetGroup',
  'IAMRole',
  'IAMRolePolicyAttachment',
  'IAMInstanceProfile',
  'IAMInstanceProfileRole',
];

/**
 * Each service by itself, since it is built on the SDK before AWS_ENDPOINT_URL: the first whose name a resource type begins
 * with; '' is for the calls of its own.
 */
function settingsFor({ endpoint, region, world }: Sandbox): string {
  const services = ['ec2', 'ecs', 'elbv2', 'iam', 'sts', ''];
  const places = [region, 'global'];
  return JSON.stringify({
    regions: places,
    endpoints: places.map((place) => ({
      region: place,
      tls_insecure_skip_verify: true,
      services: services.map((service) => ({ service, url: endpoint, tls_insecure_skip_verify: true })),
    })),
    'account-blocklist': ['999999999999'],
    accounts: { [world.account]: {} },
  });
}

it.skipIf(!works('aws-nuke', ['version']))(
  'aws-nuke takes the tutorial away (skipped: there is no `aws-nuke` here)',
  async () => {
    const demo = await startDemo();
    const { sandbox } = demo;
    await startService(demo);
    const { endpoint, region, credentials } = sandbox;
    const iam = new IAMClient({ endpoint, region, credentials });
    onTestFinished(() => iam.destroy());
    // It refuses an account without one, lest somebody delete the wrong account.
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'learners-sandbox' }));
    const config = join(temporaryDir(), 'nuke.yml');
    writeFileSync(config, settingsFor(sandbox));
    const { accessKeyId, secretAccessKey } = credentials;
    const flags = `--default-region ${region} --access-key-id ${accessKeyId} --secret-access-key ${secretAccessKey}`;
    const args = `--config ${config} ${flags} --target ${targets.join(',')} --force --force-sleep 3 --no-dry-run`;
    const { code, all } = await run(sandbox, 'aws-nuke', args.split(' '));
    expect({ code, all }).toMatchObject({ code: 0, all: expect.stringMatching(/Nuke complete: 0 failed/) });
    expectNothingLeft(sandbox);
  },
);
