// User data as cloud-init takes it: which parts it has, what kind each is, and in which order they take effect.
// Pure; what a script does is shell.ts's.
import { gunzipSync } from 'node:zlib';
import { parse as parseMail } from 'letterparser';
import { parse as parseYaml } from 'yaml';

/** One thing that cloud-init does, in the order it does it. */
export type BootAction =
  | { kind: 'file'; path: string; content: string; append: boolean }
  | { kind: 'script'; text: string }
  /** Something that is not played, in words. */
  | { kind: 'unplayed'; what: string };

/** What a cloud-config does at its two stages: files and boot commands before the scripts, run commands after them. */
interface Config {
  early: BootAction[];
  late: BootAction[];
}

/** RunInstances takes 16 KB; what they unpack to is bounded too. */
const maxUnpackedBytes = 1024 * 1024;

/** @param userData base64, as RunInstances took it */
export function bootActions(userData: string): BootAction[] {
  const bytes = Buffer.from(userData, 'base64');
  let text: string;
  try {
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    text = (packed ? gunzipSync(bytes, { maxOutputLength: maxUnpackedBytes }) : bytes).toString('utf8');
  } catch {
    return [{ kind: 'unplayed', what: 'the user data is gzip that cannot be unpacked' }];
  }
  const early: BootAction[] = [];
  const scripts: BootAction[] = [];
  const late: BootAction[] = [];
  for (const part of partsOf(text.replaceAll('\r\n', '\n'))) {
    // The first line decides, to the letter: indented, or after an empty line, it is no script (cloud-init: unhandled).
    if (part.startsWith('#!')) scripts.push({ kind: 'script', text: part });
    else if (part.startsWith('#cloud-boothook'))
      early.push({ kind: 'script', text: part.slice(part.indexOf('\n') + 1) });
    else if (part.startsWith('#cloud-config') && !part.startsWith('#cloud-config-archive')) {
      const config = configActions(part);
      early.push(...config.early);
      late.push(...config.late);
    } else if (part.trim() !== '')
      late.push({ kind: 'unplayed', what: `text that cloud-init does not recognise: ${firstLine(part)}` });
  }
  return [...early, ...scripts, ...late];
}

const firstLine = (text: string): string => (text.trimStart().split('\n')[0] ?? '').slice(0, 80);

/** The parts of a MIME archive, or the whole text as one. */
function partsOf(text: string): string[] {
  if (!/^(content-type|mime-version):/i.test(text)) return [text];
  try {
    const { body } = parseMail(text);
    if (!Array.isArray(body)) return [bodyText(body)];
    return body.map((part) => bodyText(part.body));
  } catch {
    return [text];
  }
}

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '';
}

/** Modules that change nothing the ECS agent reads. */
const harmless = new Set([
  'package_update',
  'package_upgrade',
  'package_reboot_if_required',
  'repo_update',
  'repo_upgrade',
  'output',
  'timezone',
  'locale',
  'hostname',
  'fqdn',
  'ssh_authorized_keys',
  'users',
  'groups',
  'manage_etc_hosts',
  'preserve_hostname',
  'final_message',
]);

function configActions(text: string): Config {
  const config: Config = { early: [], late: [] };
  let parsed: unknown;
  try {
    parsed = parseYaml(text, { version: '1.1', maxAliasCount: 50 });
  } catch (error) {
    const what = `the cloud-config is not YAML: ${firstLine((error as Error).message)}`;
    return { early: [], late: [{ kind: 'unplayed', what }] };
  }
  if (typeof parsed !== 'object' || parsed === null) return config;
  const members = parsed as Record<string, unknown>;
  for (const command of commandsOf(members['bootcmd'])) config.early.push({ kind: 'script', text: command });
  for (const file of listOf(members['write_files'])) {
    const { path, content, append, encoding } = file as Record<string, unknown>;
    if (typeof path !== 'string') continue;
    const raw = typeof content === 'string' ? content : '';
    const decoded = /^(b64|base64)$/.test(String(encoding)) ? Buffer.from(raw, 'base64').toString('utf8') : raw;
    config.early.push({ kind: 'file', path, content: decoded, append: append === true });
  }
  for (const command of commandsOf(members['runcmd'])) config.late.push({ kind: 'script', text: command });
  const played = new Set(['bootcmd', 'write_files', 'runcmd']);
  for (const name of Object.keys(members).filter((each) => !played.has(each) && !harmless.has(each)))
    config.late.push({ kind: 'unplayed', what: `cloud-config ${name}` });
  return config;
}

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? (value as unknown[]).filter((one) => typeof one === 'object' && one !== null) : [];

/** A command is a line for a shell, or a list of words that no shell touches. */
function commandsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).map((one) =>
    Array.isArray(one) ? one.map((word) => `'${String(word).replaceAll("'", `'\\''`)}'`).join(' ') : String(one),
  );
}
