// The program: finds the command and runs it, or shows help. Written over oclif's own `run` because failures before a
// command starts (no such command) must come in our words and, under --json, as the JSON document.
import { Config, settings } from '@oclif/core';
import { EcsdemoError } from '../base/errors.ts';
import { tellFailure } from './ecsdemo-command.ts';
import { EcsdemoHelp, errorCodeLines, shortHelp } from './help.ts';
import { packageJson, packageRoot } from './package-root.ts';
import { commands } from './table.ts';
import { spoken, unknownCommand } from './usage.ts';

// oclif finds the command table by importing this same file.
export { commands } from './table.ts';

/** The longest known command that the words start with. */
function commandOf(argv: readonly string[]): { id: string; rest: string[] } | undefined {
  const ids = Object.keys(commands);
  for (const length of [3, 2, 1]) {
    const id = argv.slice(0, length).join(':');
    if (argv.length >= length && ids.includes(id)) return { id, rest: argv.slice(length) };
  }
  return undefined;
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

async function run(argv: string[]): Promise<void> {
  if (argv[0] === '--version' || argv[0] === '-v') {
    const { name, version } = packageJson();
    process.stdout.write(`${name} ${version}\n`);
    return;
  }
  const asksHelp = argv[0] === 'help' || wantsHelp(argv);
  const words = (argv[0] === 'help' ? argv.slice(1) : argv).filter((word) => word !== '--help' && word !== '-h');
  if (words.length === 0) {
    process.stdout.write(`${shortHelp()}\n`);
    return;
  }
  if (asksHelp && words[0] === 'errors') {
    process.stdout.write(`${errorCodeLines().join('\n')}\n`);
    return;
  }
  const found = commandOf(asksHelp ? words : argv);
  if (found === undefined) {
    const spokenWords = words.slice(0, words[0] === 'sandbox' ? 2 : 1).filter((word) => !word.startsWith('-'));
    if (words[0] === 'sandbox' && spokenWords.length === 1) {
      const own = Object.entries(commands).filter(([id]) => id.startsWith('sandbox:'));
      process.stdout.write(
        `${own.map(([id, command]) => `ecsdemo ${spoken(id).padEnd(16)}${command.summary}`).join('\n')}\n`,
      );
      return;
    }
    if (spokenWords.length === 0) {
      throw new EcsdemoError('usage', `no command given, only ${words[0] ?? ''}`, { suggestions: ['ecsdemo --help'] });
    }
    throw unknownCommand(spokenWords, Object.keys(commands));
  }
  // The published program is JavaScript: oclif shall not look for TypeScript, whatever NODE_ENV says.
  settings.enableAutoTranspile = false;
  const root = packageRoot();
  const config = await Config.load({ root, pjson: packageJson(root) });
  if (asksHelp) {
    const command = config.findCommand(found.id, { must: true });
    await new EcsdemoHelp(config).showCommandHelp(command);
    return;
  }
  await config.runCommand(found.id, found.rest);
}

/** Resolves when the stream has handed everything to the operating system: a pipe takes it later than a terminal. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** Runs the program and ends the process. */
export async function main(argv: string[] = process.argv.slice(2)): Promise<void> {
  // A reader that went away (| head) is no failure of ours; oclif does the same for stdout.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await run(argv);
  } catch (error) {
    const told =
      error instanceof EcsdemoError ? error : new EcsdemoError('unexpected', String(error), { cause: error });
    tellFailure(
      told,
      { json: argv.includes('--json'), quiet: false, verbose: false, colour: !argv.includes('--no-color') },
      argv[0] ?? '',
    );
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Idle connections of the SDK would keep the process for seconds.
  process.exit(process.exitCode ?? 0);
}
