import type { ContainerInstance, Task } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, type Host, hostOf, hostToBe, lacks, without } from '../../../src/resources/ecs/capacity.ts';
import { needsOf, type TaskNeeds } from '../../../src/resources/ecs/task-needs.ts';

const resources = (cpu: number, memory: number, ports: string[], gpus: string[] = []) => [
  { name: 'CPU', type: 'INTEGER', integerValue: cpu },
  { name: 'MEMORY', type: 'INTEGER', integerValue: memory },
  { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', ...ports] },
  { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
  { name: 'GPU', type: 'STRINGSET', stringSetValue: gpus },
];
const member = (cpu: number, memory: number, more: ContainerInstance = {}): ContainerInstance => ({
  containerInstanceArn: 'ci',
  ec2InstanceId: 'i-1',
  status: 'ACTIVE',
  agentConnected: true,
  registeredResources: resources(2048, 924, []),
  remainingResources: resources(cpu, memory, []),
  attributes: [
    { name: 'ecs.instance-type', value: 't3.micro' },
    { name: 'ecs.cpu-architecture', value: 'x86_64' },
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'ecs.capability.task-eni' },
  ],
  ...more,
});
function hosts(...members: ContainerInstance[]): Host[] {
  return members.flatMap((each) => hostOf(each) ?? []);
}
const free = (cpu: number, memory: number, more?: ContainerInstance) => hosts(member(cpu, memory, more));
const nothing = needsOf({ containerDefinitions: [] });
const small: TaskNeeds = { ...nothing, cpu: 128, memory: 128 };
const fixed: TaskNeeds = { ...small, hostPorts: ['tcp/8080'] };

describe('fit', () => {
  it('names what runs out first', () => {
    expect(fit(free(2048, 900), small)).toMatchObject({ tasks: 7, limit: { lacks: 'memory', needs: 128, has: 4 } });
    expect(fit(free(256, 900), small)).toMatchObject({ tasks: 2, limit: { lacks: 'CPU' } });
    expect(fit(free(2048, 900), fixed)).toMatchObject({ tasks: 1, limit: { lacks: 'port', port: 'tcp/8080' } });
  });

  it('gives a host port once, whoever has it', () => {
    const taken = free(2048, 900, { remainingResources: resources(2048, 900, ['8080']) });
    expect(fit(taken, fixed)).toEqual({ tasks: 0, limit: { lacks: 'port', port: 'tcp/8080', reserved: false } });
    expect(fit([...taken, ...free(2048, 900)], fixed).tasks).toBe(1);
    expect(fit(taken, { ...small, hostPorts: ['udp/8080'] }).tasks).toBe(1);
  });

  it('has one task of a service on each instance where they may not share one', () => {
    const distinct = { ...small, distinct: true };
    expect(fit(free(2048, 900), distinct).tasks).toBe(1);
    expect(fit(free(2048, 900), distinct, new Map([['ci', 1]]))).toMatchObject({
      tasks: 0,
      limit: { lacks: 'another instance' },
    });
  });

  it('has a network interface for each task that needs its own', () => {
    expect(fit(free(2048, 900), { ...small, ownInterface: true })).toMatchObject({
      tasks: 1,
      limit: { lacks: 'network interface' },
    });
  });

  it.each([{ status: 'DRAINING' }, { agentConnected: false }])('gives nothing for an instance with %j', (more) => {
    expect(fit(free(2048, 900, more), small).tasks).toBe(0);
  });

  it('has nothing without container instances', () => {
    expect(fit([], small)).toEqual({ tasks: 0, limit: undefined });
  });

  it('counts what tasks leave when they go', () => {
    const full = free(0, 0, { remainingResources: resources(1920, 796, ['8080']) });
    const task: Task = {
      containerInstanceArn: 'ci',
      cpu: '128',
      memory: '128',
      containers: [{ networkBindings: [{ hostPort: 8080, protocol: 'tcp' }] }],
    };
    expect(fit(full, fixed).tasks).toBe(0);
    expect(fit(without(full, [task], []), fixed).tasks).toBe(1);
    expect(fit(without(full, [task], []), small).tasks).toBe(7);
    const ofContainers: Task = { ...task, cpu: '0', memory: '0', containers: [{ cpu: '128', memory: '128' }] };
    expect(fit(without(full, [ofContainers], []), small).tasks).toBe(7);
    expect(fit(without(full, [{ ...task, containerInstanceArn: 'other' }], []), fixed).tasks).toBe(0);
  });

  it('never lets more in than there is room for, nor fewer than there could be', () => {
    const amount = fc.integer({ min: 0, max: 4096 });
    const need = fc.integer({ min: 1, max: 2048 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 4 }),
        need,
        need,
        (rooms, cpu, memory) => {
          const registeredResources = resources(4096, 4096, []);
          const { tasks } = fit(
            rooms.flatMap(([c, m], index) => free(c, m, { containerInstanceArn: `ci-${index}`, registeredResources })),
            { ...nothing, cpu, memory },
          );
          expect(tasks).toBe(
            rooms.reduce((total, [c, m]) => total + Math.min(Math.floor(c / cpu), Math.floor(m / memory)), 0),
          );
        },
      ),
    );
  });
});

describe('what an instance lacks even when it is empty', () => {
  const [registered] = free(0, 0);
  const toBe = hostToBe('t3.micro', ['us-east-1a']);
  const both = [registered, toBe].flatMap((host) => host ?? []);

  it.each<[Partial<TaskNeeds>, object | undefined]>([
    [{}, undefined],
    [{ memory: 924 }, undefined],
    [{ memory: 1000 }, { lacks: 'memory', needs: 1000 }],
    [{ cpu: 2048 }, undefined],
    [{ cpu: 2049 }, { lacks: 'CPU', needs: 2049, has: 2048 }],
    [{ gpus: 1 }, { lacks: 'GPU', needs: 1, has: 0 }],
    [{ architecture: 'arm64' }, { lacks: 'architecture', needs: 'arm64', has: 'x86_64' }],
    [{ architecture: 'x86_64' }, undefined],
    [{ os: 'windows' }, { lacks: 'os', needs: 'windows', has: 'linux' }],
    [{ hostPorts: ['tcp/22'] }, { lacks: 'port', port: 'tcp/22', reserved: true }],
    [{ hostPorts: ['tcp/8080'] }, undefined],
    [
      { constraints: ['attribute:ecs.instance-type =~ t2.*'] },
      { lacks: 'constraint', expression: 'attribute:ecs.instance-type =~ t2.*' },
    ],
    [{ constraints: ['attribute:ecs.instance-type =~ t3.*'] }, undefined],
    [{ constraints: ['attribute:stack == prod'] }, { lacks: 'constraint', expression: 'attribute:stack == prod' }],
    [{ constraints: ['this is not understood'] }, undefined],
  ])('%j: %j', (needs, shortage) => {
    for (const host of both) {
      const found = lacks(host, { ...nothing, ...needs });
      if (shortage === undefined) expect(found).toBeUndefined();
      else expect(found).toMatchObject(shortage);
    }
  });

  it('is a capability that no agent told of; of one that is to be launched nobody knows', () => {
    const needs = { ...nothing, attributes: ['com.amazonaws.ecs.capability.logging-driver.splunk'] };
    expect(both.map((host) => lacks(host, needs)?.lacks)).toEqual(['attribute', undefined]);
  });

  it('is not known of a type that is in no table', () => {
    expect(hostToBe('u-24tb1.metal')).toBeUndefined();
  });
});
