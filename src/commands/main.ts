// The program: finds the command and runs it, or shows help. Written over oclif's own `run` because failures before a
// command starts (no such command) must come in our words and, under --json, as the JSON document; and because oclif reads
// the package and looks for plugins at each start, which a run needs none of (docs/performance.md).
import { EcsdemoError, exitCodes } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { unknownInvocation } from '../base/suggestion.ts';
import { roughOutput, tellFailure } from './view.ts';
import { errorCodeLines, helpWidth, shortHelp, topicHelp } from './help.ts';
import { packageJson } from '../base/package-root.ts';
import { commands, type CommandClass } from './table.ts';
import { unloadedConfig } from './unloaded-config.ts';
import { misplaced, unknownCommand } from './usage.ts';

// For oclif's own tools, which find the commands through package.json.
export { commands } from './table.ts';

/** The longest known command that the words start with. */
function commandOf(argv: readonly string[]): { id: string; Found: CommandClass; rest: string[] } | undefined {
  for (const length of [3, 2, 1]) {
    const id = argv.slice(0, length).join(':');
    const Found = Object.hasOwn(commands, id) ? commands[id] : undefined;
    if (argv.length >= length && Found !== undefined) return { id, Found, rest: argv.slice(length) };
  }
  return undefined;
}

/** The words that several commands start with: 'sandbox', and the chapters beside the first. */
function topics(): string[] {
  return [...new Set(Object.keys(commands).flatMap((id) => (id.includes(':') ? id.slice(0, id.indexOf(':')) : [])))];
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

async function run(argv: string[]): Promise<void> {
  const shell = process.env['ECSDEMO_COMPLETE'];
  if (shell) {
    const { completedWords } = await import('./completed-words.ts');
    process.stdout.write((await completedWords(shell, argv)).map((line) => `${line}\n`).join(''));
    return;
  }
  const [first = '', ...others] = argv;
  if (['--version', '-v', 'version'].includes(first) && others.every((word) => word === '--json')) {
    const { name, version } = packageJson();
    const { node: nodeVersion } = process.versions;
    const known = { name, version, node: nodeVersion, platform: process.platform, arch: process.arch };
    process.stdout.write(others.length === 0 ? `${name} ${version}\n` : `${JSON.stringify(known, undefined, 2)}\n`);
    return;
  }
  const asksHelp = argv[0] === 'help' || wantsHelp(argv);
  const words = (argv[0] === 'help' ? argv.slice(1) : argv).filter((word) => word !== '--help' && word !== '-h');
  if (words.length === 0) {
    process.stdout.write(`${shortHelp(helpWidth())}\n`);
    return;
  }
  if (asksHelp && words[0] === 'errors') {
    process.stdout.write(`${errorCodeLines(helpWidth()).join('\n')}\n`);
    return;
  }
  const found = commandOf(asksHelp ? words : argv);
  if (found === undefined) {
    const [topic = ''] = words;
    const spokenWords = words
      .slice(0, nearest(topic, topics()) === undefined ? 1 : 2)
      .filter((word) => !word.startsWith('-'));
    if (topics().includes(topic) && spokenWords.length === 1) {
      process.stdout.write(`${topicHelp(topic, helpWidth())}\n`);
      return;
    }
    if (spokenWords.length === 0) throw misplaced(words, (rest) => commandOf(rest)?.id);
    throw unknownCommand(spokenWords, asksHelp ? [...Object.keys(commands), 'errors'] : Object.keys(commands));
  }
  if (asksHelp) {
    const { showCommandHelp } = await import('./command-help.ts');
    await showCommandHelp(found.id, found.Found);
    return;
  }
  const { id, Found, rest } = found;
  Found.id = id;
  await new Found(rest, unloadedConfig()).run();
}

/** Resolves when the stream has handed everything to the operating system: a pipe takes it later than a terminal. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/**
 * A reader that went away (| head, a terminal that was closed) is no failure of ours. A full disk is: the one stream tells
 * of the other, since neither a stack trace nor silence helps.
 */
function watchStream(stream: NodeJS.WriteStream, other?: NodeJS.WriteStream): { failed: boolean } {
  const state = { failed: false };
  // oclif's own listener throws for all but EPIPE.
  stream.removeAllListeners('error');
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (state.failed || ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '')) return;
    state.failed = true;
    other?.write(`Error (unexpected): the output cannot be written: ${error.message}\n`);
  });
  return state;
}

/** For a person who reads on. Nothing is loaded, and nobody is asked, where there is none. */
async function sayNewerVersion(argv: readonly string[]): Promise<void> {
  const { json, quiet } = roughOutput(argv);
  if (!process.stderr.isTTY || json || quiet || process.env['ECSDEMO_COMPLETE']) return;
  const { newerVersion } = await import('./newer-version.ts');
  const line = newerVersion({ env: process.env, isTerminal: true, ...packageJson() });
  if (line !== undefined) process.stderr.write(`${line}\n`);
}

/** Runs the program and ends the process. */
export async function main(argv: string[] = process.argv.slice(2)): Promise<void> {
  const lost = [watchStream(process.stdout, process.stderr), watchStream(process.stderr)];
  try {
    await run(argv);
  } catch (error) {
    const told =
      error instanceof EcsdemoError ? error : new EcsdemoError('unexpected', String(error), { cause: error });
    const command = argv.find((word) => !word.startsWith('-')) ?? '';
    tellFailure(told, roughOutput(argv), { ...unknownInvocation, command });
  }
  await sayNewerVersion(argv);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Idle connections of the SDK would keep the process for seconds.
  const done = process.exitCode ?? 0;
  process.exit(done === 0 && lost.some((stream) => stream.failed) ? exitCodes.failed : done);
}
