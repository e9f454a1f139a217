// What the AWS variables of the environment cannot be, said before the SDK stumbles over it. Pure.
import { refuse } from './flag-values.ts';
import type { Environment } from './settings.ts';

/**
 * Only what can be no region and no address at all is refused: other AWS-compatible endpoints have names of their own.
 * @throws EcsdemoError `usage` naming the variable and its value.
 */
export function refuseBadEnvironment(env: Environment): void {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[name] ?? '';
    if (region !== '' && !/^[A-Za-z0-9-]{1,63}$/.test(region))
      refuse(name, region, 'is not a region, such as us-east-1', { flags: { region: 'us-east-1' } });
  }
  const endpoint = env['AWS_ENDPOINT_URL'] ?? '';
  const protocol = URL.canParse(endpoint) ? new URL(endpoint).protocol : '';
  if (endpoint !== '' && protocol !== 'http:' && protocol !== 'https:') {
    refuse(
      'AWS_ENDPOINT_URL',
      endpoint,
      'is not an address of the form http://host:port',
      'unset AWS_ENDPOINT_URL   # for AWS itself',
    );
  }
}
