// The physical names of a demo's resources and the tags that say whose they are.
// Names are computed, never random or dated, so that a demo can be found again with no state file.
import { EcsdemoError } from './errors.ts';
import { quoted } from './quoted.ts';

export const tagKeys = {
  demo: 'ecsdemo:demo',
  createdAt: 'ecsdemo:created-at',
  generation: 'ecsdemo:generation',
  /** When a sweep may take the demo away; the cluster's counts, and without a cluster the latest of the others'. */
  expiresAt: 'ecsdemo:expires-at',
  /** On the cluster: how many container instances were last asked for. Absent: one, or as many as there are. */
  instances: 'ecsdemo:instances',
  /** On the target group and the load balancer: what `up` was told, when it was not the default; status reads it there. */
  path: 'ecsdemo:path',
  /** On role and instance profile, followed by a region: a demo of this name is there. IAM itself knows no regions. */
  usedIn: 'ecsdemo:in:',
  subnets: 'ecsdemo:subnets',
} as const;

/** The demo that has exactly the tutorial's names. */
export const defaultDemo = 'my';

export interface Names {
  demo: string;
  ecsSecurityGroup: string;
  elbSecurityGroup: string;
  cluster: string;
  /** Role and instance profile share one name. */
  role: string;
  family: string;
  loadBalancer: string;
  targetGroup: string;
  service: string;
  instance: string;
}

/** False for what `namesOf` refuses. */
export function isDemoName(demo: string): boolean {
  try {
    return namesOf(demo).demo === demo;
  } catch {
    return false;
  }
}

/**
 * All names of the demo `demo`.
 * The longest suffix, `-target-group`, and ELB's limit of 32 leave 19 characters for the demo's own name.
 * @param source what the name came from, to be named in a refusal: '--name' or 'ECSDEMO_NAME'
 * @throws EcsdemoError `name-invalid` when a name would break a limit of AWS.
 */
export function namesOf(demo: string, source = 'demo name'): Names {
  const refuse = (why: string): never => {
    throw new EcsdemoError('name-invalid', `${source} ${quoted(demo)} ${why}`, {
      suggestions: [{ flags: { name: 'ci-42' }, note: '1 to 19 letters, digits and single hyphens' }],
    });
  };
  if (demo === '') refuse('is empty');
  if (!/^[A-Za-z0-9-]+$/.test(demo)) refuse('has characters other than letters, digits and hyphens');
  if (!/^[A-Za-z]/.test(demo)) refuse('does not start with a letter');
  if (demo.endsWith('-')) refuse('ends with a hyphen');
  if (demo.includes('--')) refuse('has two hyphens in a row, which load balancer names do not allow');
  if (`${demo}-elb`.startsWith('internal-')) refuse('starts with "internal-", which load balancer names do not allow');
  if (`${demo}-ecs-sg`.startsWith('sg-')) refuse('starts with "sg-", which security group names do not allow');
  if (`${demo}-target-group`.length > 32) {
    refuse(`is ${demo.length} characters long: "${demo}-target-group" would exceed the 32 that ELB allows`);
  }
  const tutorial = demo === defaultDemo;
  return {
    demo,
    ecsSecurityGroup: `${demo}-ecs-sg`,
    elbSecurityGroup: `${demo}-elb-sg`,
    cluster: `${demo}-cluster`,
    role: tutorial ? 'ecsInstanceRole' : `${demo}-ecsInstanceRole`,
    family: tutorial ? 'sinatra-hi' : `${demo}-sinatra-hi`,
    loadBalancer: `${demo}-elb`,
    targetGroup: `${demo}-target-group`,
    service: `${demo}-service`,
    instance: `${demo}-ecs-instance`,
  };
}
