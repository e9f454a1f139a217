// What the environment says of AWS: what of it cannot be, said before the SDK stumbles over it; and what of it must not
// count on the sandbox. Pure, but for the environment it is handed.
import type { Suggestion } from './suggestion.ts';
import { devNull } from 'node:os';
import { refuse } from './flag-values.ts';
import type { Environment } from './settings.ts';

/** Of the services that ecsdemo asks, in the words of the SDKs; SSO's are asked for credentials. */
const services = ['ECS', 'EC2', 'ELASTIC_LOAD_BALANCING_V2', 'IAM', 'SSM', 'STS', 'SSO', 'SSO_OIDC'];

const switches = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'];

/**
 * Only what can be no region, no address and no number at all is refused: other AWS-compatible endpoints have names of their own.
 * @throws EcsdemoError `usage` naming the variable and its value.
 */
export function refuseBadEnvironment(env: Environment): void {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[name] ?? '';
    if (region !== '' && !/^[A-Za-z0-9-]{1,63}$/.test(region))
      refuse(name, region, 'is not a region, such as us-east-1', { text: `export ${name}=us-east-1` });
  }
  if (!isOn(env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'])) {
    for (const name of ['AWS_ENDPOINT_URL', ...services.map((service) => `AWS_ENDPOINT_URL_${service}`)])
      refuseNoAddress(name, env[name] ?? '', { text: `unset ${name}`, note: 'for AWS itself' });
  }
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']) {
    // A password in it is nobody's business.
    const proxy = (env[name] ?? '').replace(/\/\/.*@/, '//…@');
    const shown = proxy === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
    refuseNoAddress(name, shown, { text: `unset ${name}`, note: 'for no proxy' });
  }
  for (const name of switches) {
    if (!/^(true|false)?$/i.test(env[name] ?? ''))
      refuse(
        name,
        env[name] ?? '',
        'is neither true nor false',
        { text: `export ${name}=true` },
        { text: `unset ${name}` },
      );
  }
  const attempts = env['AWS_MAX_ATTEMPTS'] ?? '';
  if (attempts !== '' && !/^[1-9]\d{0,8}$/.test(attempts))
    refuse('AWS_MAX_ATTEMPTS', attempts, 'is not a whole number from 1', {
      text: 'unset AWS_MAX_ATTEMPTS',
      note: 'for ten',
    });
  const mode = env['AWS_RETRY_MODE'] ?? '';
  if (mode !== '' && !/^(legacy|standard|adaptive)$/i.test(mode))
    refuse('AWS_RETRY_MODE', mode, 'is none of legacy, standard and adaptive', {
      text: 'export AWS_RETRY_MODE=standard',
    });
}

function refuseNoAddress(name: string, text: string, suggestion: Suggestion): void {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (text !== '' && protocol !== 'http:' && protocol !== 'https:')
    refuse(name, text, 'is not an address of the form http://host:port', suggestion);
}

/**
 * The address on this machine that stands in for AWS: another emulator, which bills nobody. Undefined: none does. What a
 * profile says of endpoints is not looked at.
 */
export function standInFor(env: Environment): string | undefined {
  if (isOn(env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'])) return undefined;
  const url = env['AWS_ENDPOINT_URL_EC2'] || env['AWS_ENDPOINT_URL'] || '';
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(host) ? url : undefined;
}

function isOn(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}

/**
 * Makes the environment of this process what the AWS CLI reads in it, for the SDK, which reads some of it otherwise.
 * @param profile that --profile names: of all that the SDK reads, not of the credentials alone
 */
export function readAsAwsCli(env: Record<string, string | undefined>, profile: string | undefined): void {
  const chosen = profile ?? (env['AWS_PROFILE'] || env['AWS_DEFAULT_PROFILE']);
  if (chosen) env['AWS_PROFILE'] = chosen;
  for (const name of switches) {
    // The SDK takes no capitals, and an empty one for a mistake.
    if (env[name] === '') delete env[name];
    else if (env[name] !== undefined) env[name] = env[name].toLowerCase();
  }
}

/** Takes AWS's settings and the proxies out of the environment of this process: what is for AWS is not for the sandbox. */
export function forgetAws(env: Record<string, string | undefined>): void {
  for (const name of Object.keys(env)) if (/^AWS_(?!SDK_JS_)|^https?_proxy$/i.test(name)) delete env[name];
  env['AWS_CONFIG_FILE'] = devNull;
  env['AWS_SHARED_CREDENTIALS_FILE'] = devNull;
}

/** The variables that would lead a call away from the sandbox, or spoil it, though AWS_ENDPOINT_URL and keys are set. */
export function misleading(env: Environment): string[] {
  const set = Object.keys(env).filter((name) => env[name] !== undefined);
  return [
    // A profile would win over the keys, and a session token of real credentials would spoil the signature.
    'AWS_PROFILE',
    'AWS_DEFAULT_PROFILE',
    'AWS_SESSION_TOKEN',
    'AWS_SECURITY_TOKEN',
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    'AWS_USE_FIPS_ENDPOINT',
    'AWS_USE_DUALSTACK_ENDPOINT',
    ...new Set([
      ...services.map((service) => `AWS_ENDPOINT_URL_${service}`),
      ...set.filter((name) => name.startsWith('AWS_ENDPOINT_URL_')),
    ]),
  ];
}

/** NO_PROXY as it must be for `host` to be reached straight; undefined: it is, or there is no proxy for http. */
export function noProxyWith(host: string, env: Environment): string | undefined {
  if ((env['http_proxy'] ?? env['HTTP_PROXY'] ?? '') === '') return undefined;
  const exempt = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  const names = exempt.split(',').map((name) => name.trim());
  if (exempt.trim() === '*' || names.includes(host)) return undefined;
  return [...names.filter(Boolean), host].join(',');
}

/** What a process needs that is to outlive this shell, and nothing else: no credentials, tokens or options for debugging. */
export function lasting(env: Environment): Record<string, string> {
  const needed =
    /^(PATH|HOME|USER|LOGNAME|SHELL|TZ|LANG|LC_\w+|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|XDG_CACHE_HOME|NODE_DISABLE_COMPILE_CACHE)$/;
  const onWindows = /^(Path|SystemRoot|SystemDrive|windir|ComSpec|PATHEXT|USERPROFILE|LOCALAPPDATA|APPDATA)$/i;
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (needed.test(entry[0]) || onWindows.test(entry[0])),
    ),
  );
}
