import { describe, expect, it } from 'vitest';
import { needsOf } from '../../../src/resources/ecs/task-needs.ts';

const web = { name: 'web', image: 'x', memory: 64 };

describe('what one task needs', () => {
  it('is the soft limit where there is one, summed over containers', () => {
    const side = { name: 'side', image: 'x', memory: 100, memoryReservation: 30, cpu: 10 };
    expect(needsOf({ containerDefinitions: [web, side] })).toMatchObject({ cpu: 10, memory: 94 });
  });

  it.each([
    ['256', 256],
    ['.25 vCPU', 256],
    ['1 vcpu', 1024],
  ])("is the task's own size where it has one: %s", (cpu, units) => {
    expect(needsOf({ containerDefinitions: [web], cpu, memory: '1 GB' })).toMatchObject({ cpu: units, memory: 1024 });
  });

  it.each([
    ['bridge', [{ containerPort: 80, hostPort: 8080 }], ['tcp/8080']],
    ['bridge', [{ containerPort: 80 }, { containerPort: 81, hostPort: 0 }], []],
    ['bridge', [{ containerPort: 53, hostPort: 53, protocol: 'udp' as const }], ['udp/53']],
    ['host', [{ containerPort: 80 }], ['tcp/80']],
    ['awsvpc', [{ containerPort: 80, hostPort: 80 }], []],
  ] as const)('with %s and %j are the host ports %j', (networkMode, portMappings, hostPorts) => {
    const needs = needsOf({ networkMode, containerDefinitions: [{ ...web, portMappings: [...portMappings] }] });
    expect(needs).toMatchObject({ hostPorts, ownInterface: networkMode === 'awsvpc' });
  });

  it('names GPUs, platform and constraints, those of the service too', () => {
    const resourceRequirements = [{ type: 'GPU' as const, value: '2' }];
    const needs = needsOf(
      {
        containerDefinitions: [{ ...web, resourceRequirements }],
        runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' },
        placementConstraints: [{ type: 'memberOf', expression: 'attribute:a exists' }],
      },
      [{ type: 'distinctInstance' }, { type: 'memberOf', expression: 'attribute:b exists' }],
    );
    expect(needs).toMatchObject({
      gpus: 2,
      architecture: 'arm64',
      os: 'windows',
      distinct: true,
      constraints: ['attribute:b exists', 'attribute:a exists'],
    });
  });
});
