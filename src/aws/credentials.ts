// Credentials, found as the SDK finds them, except that a profile which was chosen is the only place to look: the SDK's
// chain would go on to the next one, and what is wrong with the profile would never be told. Knows profiles; makes no call
// of its own.
import type { fromIni } from '@aws-sdk/credential-provider-ini';
import { loadSharedConfigFiles } from '@smithy/core/config';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { EcsdemoError } from '../base/errors.ts';
import { sameAgain } from '../base/suggestion.ts';
import { nearest } from '../base/nearest.ts';
import { present } from '../base/present.ts';
import { pasteable, quoted, visible } from '../base/quoted.ts';
import type { Environment } from '../base/settings.ts';

type Credentials = Awaited<ReturnType<ReturnType<typeof fromIni>>> & {
  /** By what the SDK found them, in its own names. */
  $source?: Readonly<Record<string, string>>;
};

type Profiles = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

/** What the SDK's clients ask a provider with. */
type Asked = Record<string, unknown> | undefined;

/** Any of these makes a profile one that credentials are to come from. */
const sources = [
  'aws_access_key_id',
  'credential_process',
  'credential_source',
  'login_session',
  'role_arn',
  'sso_account_id',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
];

/**
 * As the AWS CLI: a profile of --profile is all that counts; keys of the environment come before one of AWS_PROFILE.
 * @param asked the profile that --profile names
 */
export function credentialsOf(asked: string | undefined, env: Environment): (of?: Asked) => Promise<Credentials> {
  return async (of) => {
    const named = asked ?? (env['AWS_PROFILE'] || undefined);
    const keys = asked === undefined ? keysOf(env) : undefined;
    const chosen = named ?? (keys === undefined ? 'default' : undefined);
    const profiles = chosen === undefined ? {} : await knownProfiles();
    if (named !== undefined && profiles[named] === undefined) throw noProfile(named, undefined, profiles);
    if (keys !== undefined) return keys;
    if (chosen !== undefined && sources.some((source) => profiles[chosen]?.[source] !== undefined)) {
      refuseBrokenProfile(chosen, profiles);
      const ini = await import('@aws-sdk/credential-provider-ini');
      return ini
        .fromIni({ profile: chosen, ...clientsOf(of) })(of)
        .catch((error: unknown) => {
          throw saidOf(chosen, profiles, error);
        });
    }
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    return defaultProvider({ ...present({ profile: named }), ...clientsOf(of) })(of);
  };
}

/** The clients of SSO do not take the connection of who asks by themselves, and would pass the proxy by. */
function clientsOf(of: Asked): { clientConfig?: { requestHandler: NodeHttpHandler } } {
  const asking = of?.['callerClientConfig'] as { requestHandler?: NodeHttpHandler } | undefined;
  return asking?.requestHandler === undefined ? {} : { clientConfig: { requestHandler: asking.requestHandler } };
}

function keysOf(env: Environment): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: secret = '', AWS_SESSION_TOKEN: session = '' } = env;
  if (id === '' || secret === '') return undefined;
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    ...present({ sessionToken: session || undefined }),
    $source: { CREDENTIALS_ENV_VARS: 'g' },
  };
}

async function knownProfiles(): Promise<Profiles> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const isProfile = (name: string): boolean => !/^(services|sso-session)\./.test(name);
  const names = new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)].filter(isProfile));
  return Object.fromEntries([...names].map((name) => [name, { ...configFile[name], ...credentialsFile[name] }]));
}

/** @throws EcsdemoError `credentials-missing` for a profile that does not exist, or that takes its keys from one that does not */
export function refuseBrokenProfile(name: string, profiles: Profiles): void {
  let from: string | undefined;
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && !seen.has(at); at = profiles[at]?.['source_profile']) {
    if (profiles[at] === undefined) throw noProfile(at, from, profiles);
    seen.add(at);
    from = at;
  }
}

function noProfile(name: string, from: string | undefined, profiles: Profiles): EcsdemoError {
  const meant = nearest(name, Object.keys(profiles));
  const where = 'in the AWS configuration files';
  const message =
    from === undefined
      ? `there is no profile ${quoted(name)} ${where}`
      : `profile ${quoted(from)} takes its credentials from source_profile ${quoted(name)}, which is not ${where}`;
  return new EcsdemoError(
    'credentials-missing',
    `${message}${meant === undefined ? '' : `; did you mean ${quoted(meant)}?`}`,
    {
      suggestions: [
        {
          text: 'grep -h "^\\[" "${AWS_CONFIG_FILE:-$HOME/.aws/config}" "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}"',
          note: 'shows which there are',
        },
        { aws: `configure --profile ${pasteable(name)}`, next: sameAgain, note: 'makes it' },
      ],
    },
  );
}

/** What the profile's own source said, less what is no business of a terminal: the command line of its program, and keys. */
function saidOf(name: string, profiles: Profiles, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const program = profiles[name]?.['credential_process'];
  const failed = error.message.startsWith('Command failed: ');
  if (failed || (program !== undefined && error.message.includes('credential_process'))) {
    const said = failed ? error.message.split('\n').slice(1).join(' ') : error.message;
    const words = visible(withoutSecrets(said).replaceAll(/\s+/g, ' ').trim()).slice(0, 500);
    return new EcsdemoError(
      'credentials-missing',
      `the credential_process of profile ${quoted(name)} failed${words === '' ? ', and said nothing' : `: ${words}`}`,
      {
        suggestions: [
          { aws: `sts get-caller-identity --profile ${pasteable(name)}`, note: 'shows what it says to the AWS CLI' },
        ],
        retryable: true,
        cause: error,
      },
    );
  }
  if (/multi-factor authentication/.test(error.message)) {
    return new EcsdemoError(
      'credentials-missing',
      `profile ${quoted(name)} asks for a code (mfa_serial), which ecsdemo does not ask for`,
      {
        suggestions: [
          {
            text: `eval "$(aws configure export-credentials --profile ${pasteable(name)} --format env)"; unset AWS_PROFILE`,
          },
        ],
      },
    );
  }
  error.message = error.message.replace(/^EcsdemoError: /, '');
  return error;
}

/** What the SDK calls where credentials come from, the most telling first (its "feature ids"). */
const sourceWords: readonly (readonly [name: RegExp, words: (profile: string) => string])[] = [
  [/^CREDENTIALS_PROFILE_SSO|^CREDENTIALS_SSO/, (profile) => `the SSO session of profile ${profile}`],
  [/^CREDENTIALS_(PROFILE_)?PROCESS$/, (profile) => `the credential_process of profile ${profile}`],
  [/^CREDENTIALS_(PROFILE_)?LOGIN/, (profile) => `the login session of profile ${profile}`],
  [
    /^CREDENTIALS_(ENV_VARS_STS_WEB_ID_TOKEN|PROFILE_STS_WEB_ID_TOKEN|STS_ASSUME_ROLE_WEB_ID)$/,
    () => 'a web identity token (OIDC)',
  ],
  [/^CREDENTIALS_STS_ASSUME_ROLE$/, (profile) => `the role of profile ${profile}`],
  [/^CREDENTIALS_PROFILE/, (profile) => `the keys of profile ${profile}`],
  [/^CREDENTIALS_ENV_VARS$/, () => 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment'],
  [/^CREDENTIALS_HTTP$/, () => "the container's endpoint for credentials"],
  [/^CREDENTIALS_IMDS$/, () => 'the instance profile of this EC2 instance'],
];

/** Where the credentials come from, in words; undefined: they do not say. @param profile the one that was chosen */
export function credentialsSource({ $source = {} }: Credentials, profile: string): string | undefined {
  const names = Object.keys($source);
  return sourceWords.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1](profile);
}

/** Keys, tokens, and what follows a word that announces one. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(
      /(secret\w*|password|passwd|token|session\w*token)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,}]+)/gi,
      '$1$2…',
    )
    .replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '…')
    .replaceAll(/[A-Za-z0-9+/_=-]{32,}/g, '…');
}
