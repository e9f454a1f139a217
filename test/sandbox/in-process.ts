// A sandbox inside the test, with SDK clients for the services of EC2, IAM, SSM and STS; closed when the test ends.
import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { onTestFinished } from 'vitest';
import { parsePace, type Pace } from '../../src/sandbox/pace.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

export interface Clients {
  sandbox: Sandbox;
  ec2: EC2Client;
  iam: IAMClient;
  ssm: SSMClient;
  sts: STSClient;
}

export function fastPace(): Pace {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  return pace;
}

export async function inProcess(pace = fastPace()): Promise<Clients> {
  const sandbox = await startSandbox({ pace });
  const settings = { endpoint: sandbox.endpoint, region: sandbox.region, credentials: sandbox.credentials };
  // One attempt: an error that a test expects must not be tried again.
  const clients = {
    ec2: new EC2Client({ ...settings, maxAttempts: 1 }),
    iam: new IAMClient({ ...settings, maxAttempts: 1 }),
    ssm: new SSMClient({ ...settings, maxAttempts: 1 }),
    sts: new STSClient({ ...settings, maxAttempts: 1 }),
  };
  onTestFinished(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await sandbox.close();
  });
  return { sandbox, ...clients };
}

/** The name of the error that the promise is rejected with; 'none' when it is not. */
export async function errorName(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return (error as Error).name;
  }
}
