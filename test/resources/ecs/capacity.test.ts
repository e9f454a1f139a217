import type { ContainerInstance } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit } from '../../../src/resources/ecs/capacity.ts';

const free = (cpu: number, memory: number, more: ContainerInstance = {}): ContainerInstance => ({
  containerInstanceArn: 'ci',
  status: 'ACTIVE',
  agentConnected: true,
  remainingResources: [
    { name: 'CPU', type: 'INTEGER', integerValue: cpu },
    { name: 'MEMORY', type: 'INTEGER', integerValue: memory },
  ],
  ...more,
});
const small = { cpu: 128, memory: 128, fixedHostPorts: [] };
const none: ReadonlyMap<string, number> = new Map();

describe('fit', () => {
  it('names what runs out first', () => {
    expect(fit([free(2048, 900)], small, none)).toEqual({ tasks: 7, limit: 'memory' });
    expect(fit([free(256, 900)], small, none)).toEqual({ tasks: 2, limit: 'CPU' });
    expect(fit([free(2048, 900)], { ...small, fixedHostPorts: [8080] }, none)).toEqual({
      tasks: 1,
      limit: 'port 8080',
    });
  });

  it('counts the tasks that run already, whose share is taken', () => {
    expect(fit([free(1024, 388)], small, new Map([['ci', 4]])).tasks).toBe(7);
    expect(fit([free(2048, 900)], { ...small, fixedHostPorts: [8080] }, new Map([['ci', 1]])).tasks).toBe(1);
  });

  it.each([{ status: 'DRAINING' }, { agentConnected: false }])('gives nothing for an instance with %j', (more) => {
    expect(fit([free(2048, 900, more)], small, none).tasks).toBe(0);
  });

  it('has nothing without container instances', () => {
    expect(fit([], small, none)).toEqual({ tasks: 0, limit: 'container instances' });
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
          const { tasks } = fit(
            rooms.map(([c, m], index) => free(c, m, { containerInstanceArn: `ci-${index}` })),
            { cpu, memory, fixedHostPorts: [] },
            none,
          );
          expect(tasks).toBe(
            rooms.reduce((total, [c, m]) => total + Math.min(Math.floor(c / cpu), Math.floor(m / memory)), 0),
          );
        },
      ),
    );
  });
});
