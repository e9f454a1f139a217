// A whole sandbox to be attacked, and the call that most attacks are made of.
import { onTestFinished } from 'vitest';
import { parsePace } from '../../src/sandbox/pace.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';

export interface Attacked extends Sandbox {
  warnings: string[];
}

/** Closed when the test ends. What it warns of would be a defect: handlers must not fall over what they are sent. */
export async function attacked(options: Partial<SandboxOptions> = {}): Promise<Attacked> {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const warnings: string[] = [];
  const sandbox = await startSandbox({ pace, warn: (message) => warnings.push(message), ...options });
  onTestFinished(() => sandbox.close());
  return Object.assign(sandbox, { warnings });
}

export const createCluster = {
  service: 'ecs',
  target: 'AmazonEC2ContainerServiceV20141113.CreateCluster',
  body: '{"clusterName":"x"}',
} as const;
