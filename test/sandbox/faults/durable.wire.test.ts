// Faults outlive the sandbox's process, and so do their counts; a world of before there were faults has none.
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import { expect, it, onTestFinished } from 'vitest';
import { listFaults, setFault } from '../../../src/sandbox/control/requests.ts';
import { parsePace } from '../../../src/sandbox/pace.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { temporaryDir } from '../temporary-dir.ts';
import { clientsFor, failureOf } from '../tiny-server.ts';

async function open(dir: string) {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const sandbox = await startSandbox({ pace, dir });
  onTestFinished(() => sandbox.close());
  const { endpoint, credentials, region, account } = sandbox;
  const connection = { endpoint, credentials, region, account, pid: process.pid, pace: 'fast', startedAt: '' };
  return { sandbox, connection, ...clientsFor(endpoint, credentials, { region }) };
}

it('keeps faults and what is left of them', async () => {
  const dir = temporaryDir();
  const first = await open(dir);
  expect(await listFaults(first.connection)).toEqual([]);
  await setFault(first.connection, { name: 'throttling', times: 2, operation: 'ecs:ListClusters' });
  expect((await failureOf(first.ecs.send(new ListClustersCommand({})))).name).toBe('ThrottlingException');
  await first.sandbox.close();
  const second = await open(dir);
  expect(await listFaults(second.connection)).toMatchObject([{ name: 'throttling', times: 2, struck: 1 }]);
  expect((await failureOf(second.ecs.send(new ListClustersCommand({})))).name).toBe('ThrottlingException');
  expect((await second.ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([]);
});
