// What a demo may be called, and the tags that say whose a resource is. The names of the resources are their chapter's.
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
  /** On the target group: the text that `up --expect` asked for, as tag-text.ts writes it, when it was not the default. */
  expect: 'ecsdemo:expect',
  /** On role and instance profile, followed by a region: a demo of this name is there. IAM itself knows no regions. */
  usedIn: 'ecsdemo:in:',
  subnets: 'ecsdemo:subnets',
} as const;

/** The demo that has exactly the tutorial's names. */
export const defaultDemo = 'my';

/** Of what any chapter puts behind a demo's name; ELB's limit of 32 leaves 19 characters for the demo's own. */
const longestSuffix = '-target-group';

/**
 * The name, when no name made of it breaks a limit of AWS.
 * @param source what the name came from, to be named in a refusal: '--name' or 'ECSDEMO_NAME'
 * @throws EcsdemoError `name-invalid`
 */
export function demoName(demo: string, source = 'demo name'): string {
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
  if (`${demo}-`.startsWith('internal-')) refuse('starts with "internal-", which load balancer names do not allow');
  if (`${demo}-`.startsWith('sg-')) refuse('starts with "sg-", which security group names do not allow');
  if (`${demo}${longestSuffix}`.length > 32) {
    refuse(`is ${demo.length} characters long: "${demo}${longestSuffix}" would exceed the 32 that ELB allows`);
  }
  return demo;
}

/** False for what `demoName` refuses. */
export function isDemoName(demo: string): boolean {
  try {
    return demoName(demo) === demo;
  } catch {
    return false;
  }
}
