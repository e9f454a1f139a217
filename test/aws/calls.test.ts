import { DescribeClustersCommand, CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { type Call, isReadOnly, recordCalls } from '../../src/aws/calls.ts';

/** A client whose requests are answered here. */
function client(status: number, body: object): ECSClient {
  return new ECSClient({
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => {
        const { HttpResponse } = await import('@smithy/core/protocols');
        const response = new HttpResponse({
          statusCode: status,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: new TextEncoder().encode(JSON.stringify(body)),
        });
        return { response };
      },
    },
  });
}

describe('isReadOnly', () => {
  it.each(['DescribeClusters', 'ListTasks', 'GetRole', 'DecodeAuthorizationMessage'])('holds for %s', (operation) => {
    expect(isReadOnly(operation)).toBe(true);
  });
  it.each([
    'CreateCluster',
    'RunInstances',
    'SendCommand',
    'AuthorizeSecurityGroupIngress',
    'DeregisterTaskDefinition',
    'AttachRolePolicy',
    'SetSubnets',
  ])('does not hold for %s', (operation) => {
    expect(isReadOnly(operation)).toBe(false);
  });
});

describe('recordCalls', () => {
  it('holds what changes something back, and lets what reads go', async () => {
    let allow = (): void => undefined;
    const allowed = new Promise<void>((resolve) => (allow = resolve));
    const told: string[] = [];
    const calls = recordCalls(
      ({ operation }) => told.push(operation),
      () => allowed,
    );
    const ecs = calls.watch(client(200, { clusters: [] }), 'ecs');
    const change = ecs.send(new CreateClusterCommand({ clusterName: 'c' }));
    await ecs.send(new DescribeClustersCommand({}));
    expect(told).toEqual(['DescribeClusters']);
    allow();
    await change;
    expect(told).toEqual(['DescribeClusters', 'CreateCluster']);
  });

  it('neither sends nor counts a change that is not allowed', async () => {
    const calls = recordCalls(undefined, () => Promise.reject(new Error('not you')));
    const ecs = calls.watch(client(200, {}), 'ecs');
    await expect(ecs.send(new CreateClusterCommand({ clusterName: 'c' }))).rejects.toThrow('not you');
    expect(calls.counts()).toEqual({ total: 0, mutating: 0, byOperation: {} });
  });

  it('counts every call, by operation and by what changes something', async () => {
    const told: Call[] = [];
    const calls = recordCalls((call) => told.push(call));
    const ecs = calls.watch(client(200, { clusters: [] }), 'ecs');
    await ecs.send(new DescribeClustersCommand({}));
    await ecs.send(new DescribeClustersCommand({}));
    await ecs.send(new CreateClusterCommand({ clusterName: 'c' }));
    expect(calls.counts()).toEqual({
      total: 3,
      mutating: 1,
      byOperation: { 'ecs:DescribeClusters': 2, 'ecs:CreateCluster': 1 },
    });
    expect(told.map(({ operation, error }) => [operation, error])).toEqual([
      ['DescribeClusters', undefined],
      ['DescribeClusters', undefined],
      ['CreateCluster', undefined],
    ]);
  });

  it('counts a failed call too, and writes on the error which it was', async () => {
    const told: Call[] = [];
    const calls = recordCalls((call) => told.push(call));
    const ecs = calls.watch(client(400, { __type: 'AccessDeniedException', message: 'no' }), 'ecs');
    await expect(ecs.send(new CreateClusterCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      awsAction: 'ecs:CreateCluster',
    });
    expect(told).toMatchObject([{ operation: 'CreateCluster', error: 'AccessDeniedException' }]);
    // What was refused changed nothing.
    expect(calls.counts()).toMatchObject({ total: 1, mutating: 0 });
  });

  it('counts a change without an answer as one: it may have been made', async () => {
    const calls = recordCalls(undefined, undefined, () => Promise.reject(new Error('socket hang up')));
    const ecs = calls.watch(client(200, {}), 'ecs');
    await expect(ecs.send(new CreateClusterCommand({}))).rejects.toThrow('socket hang up');
    expect(calls.counts()).toMatchObject({ total: 1, mutating: 1 });
  });

  it('hands out figures that later calls do not change', async () => {
    const calls = recordCalls();
    const ecs = calls.watch(client(200, {}), 'ecs');
    const before = calls.counts();
    await ecs.send(new DescribeClustersCommand({}));
    expect(before).toEqual({ total: 0, mutating: 0, byOperation: {} });
  });
});
