// What the environment and the profile say of how AWS is reached, read as the AWS CLI reads it: attempts and certificates.
// Knows the SDK's own readers of both; makes no call.
import { readFileSync } from 'node:fs';
import { loadConfig } from '@smithy/core/config';
import { NODE_MAX_ATTEMPT_CONFIG_OPTIONS, NODE_RETRY_MODE_CONFIG_OPTIONS } from '@smithy/core/retry';
import { EcsdemoError } from '../base/errors.ts';
import { quoted } from '../base/quoted.ts';

/** How often a call is tried in all; `adaptive` also holds calls back while AWS throttles. */
export interface Attempts {
  most: number;
  mode: 'standard' | 'adaptive';
}

/**
 * AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, or the profile's max_attempts and retry_mode.
 * @throws EcsdemoError `usage` for a number that is none
 */
export async function attempts(profile: string | undefined, usual: number): Promise<Attempts> {
  const from = profile === undefined ? {} : { profile };
  try {
    const [most, mode] = await Promise.all([
      loadConfig({ ...NODE_MAX_ATTEMPT_CONFIG_OPTIONS, default: usual }, from)(),
      loadConfig({ ...NODE_RETRY_MODE_CONFIG_OPTIONS, default: 'standard' }, from)(),
    ]);
    return { most: Math.max(1, most), mode: mode === 'adaptive' ? 'adaptive' : 'standard' };
  } catch (cause) {
    throw new EcsdemoError('usage', 'max_attempts of the AWS profile is not a number', { cause });
  }
}

/**
 * AWS_CA_BUNDLE, or the profile's ca_bundle: it takes the place of the certificates that Node trusts, as with the AWS CLI.
 * NODE_EXTRA_CA_CERTS still counts beside it. Undefined: neither is set.
 * @throws EcsdemoError `usage` naming the file
 */
export async function certificates(
  profile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[] | undefined> {
  const path = await loadConfig(
    {
      environmentVariableSelector: (variables) => variables['AWS_CA_BUNDLE'] || undefined,
      configFileSelector: (section) => section['ca_bundle'] || undefined,
      default: '',
    },
    profile === undefined ? {} : { profile },
  )();
  if (path === '') return undefined;
  const source = env['AWS_CA_BUNDLE'] ? 'AWS_CA_BUNDLE' : 'ca_bundle of the AWS profile';
  const extra = env['NODE_EXTRA_CA_CERTS'] ?? '';
  return [bundle(path, source), ...(extra === '' ? [] : [bundle(extra, 'NODE_EXTRA_CA_CERTS')])];
}

function bundle(path: string, source: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new EcsdemoError('usage', `${source} ${quoted(path)} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (text.includes('-----BEGIN')) return text;
  throw new EcsdemoError(
    'usage',
    `${source} ${quoted(path)} holds no certificate: PEM, with -----BEGIN CERTIFICATE-----`,
  );
}
