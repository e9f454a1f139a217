// What the environment and the profile say of how AWS is reached, read as the AWS CLI reads it: attempts and certificates.
// Knows the SDK's own readers of both; makes no call.
import { readFileSync } from 'node:fs';
import { loadConfig } from '@smithy/core/config';
import { EcsdemoError } from '../base/errors.ts';
import { quoted } from '../base/quoted.ts';

/** How often a call is tried in all; `adaptive` also holds calls back while AWS throttles. */
export interface Attempts {
  most: number;
  mode: 'standard' | 'adaptive';
}

/** A variable, or else a member of the profile; '': neither is set. */
function configured(variable: string, member: string, profile: string | undefined): Promise<string> {
  return loadConfig(
    {
      environmentVariableSelector: (env) => env[variable] || undefined,
      configFileSelector: (section) => section[member] || undefined,
      default: '',
    },
    profile === undefined ? {} : { profile },
  )();
}

/**
 * AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, or the profile's max_attempts and retry_mode.
 * @throws EcsdemoError `usage` for a number that is none
 */
export async function attempts(profile: string | undefined, usual: number): Promise<Attempts> {
  const [most, mode] = await Promise.all([
    configured('AWS_MAX_ATTEMPTS', 'max_attempts', profile),
    configured('AWS_RETRY_MODE', 'retry_mode', profile),
  ]);
  if (!/^([1-9]\d{0,8})?$/.test(most))
    throw new EcsdemoError('usage', `max_attempts ${quoted(most)} of the AWS profile is not a whole number from 1`);
  return {
    most: most === '' ? usual : Number(most),
    mode: mode.toLowerCase() === 'adaptive' ? 'adaptive' : 'standard',
  };
}

/**
 * The SDK passes over a `services` section that is missing, and its calls would go to AWS itself.
 * @throws EcsdemoError `usage` naming it
 */
export async function refuseMissingServices(profile: string | undefined): Promise<void> {
  const missing = await loadConfig(
    {
      // Then the profile's endpoints are not looked at.
      environmentVariableSelector: (env) =>
        env['AWS_ENDPOINT_URL'] || env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true' ? '' : undefined,
      configFileSelector: ({ services }, sections) =>
        services === undefined || sections?.[`services.${services}`] !== undefined ? undefined : services,
      default: '',
    },
    profile === undefined ? {} : { profile },
  )();
  if (missing !== '')
    throw new EcsdemoError(
      'usage',
      `the AWS configuration has no section [services ${missing}], which the profile names`,
    );
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
  const path = await configured('AWS_CA_BUNDLE', 'ca_bundle', profile);
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
