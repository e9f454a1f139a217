// Plays a boot script on a machine that consists of files: what it writes, as far as that can be known without running
// anything, and what of it is not played. Executes nothing; the shell's syntax is the interpreter's.
import { interpret, type ShellEvent } from '../../shell/interpreter.ts';
import { success, type Output } from '../../shell/output.ts';
import { textCommand } from '../../shell/text-commands.ts';
import { edited } from './sed.ts';

/** What a script finds and leaves behind. */
export interface Machine {
  /** By absolute path. */
  files: Map<string, string>;
  /** What is not played here, each once, in the script's own words. */
  unplayed: Set<string>;
  /** True once something started ecs or docker and waited for it. */
  deadlocks: boolean;
  /** How many more scripts may be played: one can start others. */
  scriptsLeft: number;
}

/** A machine on which nothing was played yet. */
export function aMachine(files: Iterable<readonly [string, string]>): Machine {
  return { files: new Map(files), unplayed: new Set(), deadlocks: false, scriptsLeft: 100 };
}

/** As much as all of a machine's user data can unpack to. */
const maxFileCharacters = 1024 * 1024;

/** Change nothing that the agent reads, and succeed. */
const harmless = new Set([
  'chmod',
  'chown',
  'date',
  'logger',
  'mkdir',
  'shopt',
  'sleep',
  'sync',
  'trap',
  'ulimit',
  'unset',
]);

const services = new Set(['systemctl', 'service', 'start', 'restart', 'initctl']);

/** Plays `script` on `machine`, in place. */
export function playScript(script: string, machine: Machine): void {
  if (machine.scriptsLeft-- <= 0) {
    machine.unplayed.add('more scripts than are played');
    return;
  }
  const shell = interpret(script, { full: true, background: true, files: [...machine.files.keys()] });
  let next = shell.next();
  while (!next.done) next = shell.next(answer(machine, next.value));
}

export function writeFile(machine: Machine, path: string, text: string, append: boolean): void {
  const whole = (append ? (machine.files.get(path) ?? '') : '') + text;
  machine.files.set(path, whole.slice(0, maxFileCharacters));
}

function answer(machine: Machine, event: ShellEvent): Output | undefined {
  switch (event.kind) {
    case 'call':
      return call(machine, event.words, event.stdin, event.background);
    case 'file':
      if (event.path.startsWith('/') && !event.path.startsWith('/dev/'))
        writeFile(machine, event.path, event.text, event.append);
      return undefined;
    case 'refused':
      // Where the script's own words go is no matter of the agent's.
      return /^exec\s*(&?>|\d?>)/.test(event.text) ? success('') : unplayed(machine, event.text);
    case 'write':
      return undefined;
  }
}

/** As its author expects it: it succeeds. */
function unplayed(machine: Machine, what: string): Output {
  machine.unplayed.add(what.trim().slice(0, 200));
  return success('');
}

function call(machine: Machine, words: readonly string[], stdin: string | undefined, background: boolean): Output {
  const [name = '', ...args] = words;
  const operands = args.filter((word) => !word.startsWith('-'));
  if (harmless.has(name)) return success('');
  if (services.has(name)) {
    if (!background && startsAgent(words)) machine.deadlocks = true;
    return success('');
  }
  switch (name) {
    case 'sudo':
    case 'nohup':
    case 'env':
    case 'command':
    case 'time': {
      const at = args.findIndex((word) => !word.startsWith('-') && !(name === 'env' && word.includes('=')));
      return at === -1 ? success('') : call(machine, args.slice(at), stdin, background);
    }
    case 'cloud-init-per':
      // cloud-init-per FREQUENCY NAME COMMAND…: at the first boot each frequency runs it.
      return call(machine, args.slice(2), stdin, background);
    case 'bash':
    case 'sh': {
      const at = args.findIndex((word) => /^-\w*c$/.test(word));
      if (at === -1) return unplayed(machine, words.join(' '));
      playScript(args[at + 1] ?? '', machine);
      return success('');
    }
    case 'cat':
      if (operands.length === 0) return success(stdin ?? '');
      return success(operands.map((path) => machine.files.get(path) ?? '').join(''));
    case 'tee':
      for (const path of operands)
        writeFile(machine, path, stdin ?? '', args.includes('-a') || args.includes('--append'));
      return success(stdin ?? '');
    case 'touch':
      for (const path of operands) if (!machine.files.has(path)) writeFile(machine, path, '', false);
      return success('');
    case 'rm':
      for (const path of operands) machine.files.delete(path);
      return success('');
    case 'cp':
    case 'mv': {
      const [from = '', to = ''] = operands;
      writeFile(machine, to, machine.files.get(from) ?? '', false);
      if (name === 'mv') machine.files.delete(from);
      return success('');
    }
    case 'grep':
      // Its last word is a file, where nothing comes from a pipe.
      if (stdin !== undefined) return textCommand(words, stdin) ?? unplayed(machine, words.join(' '));
      return (
        textCommand(words.slice(0, -1), machine.files.get(words.at(-1) ?? '') ?? '') ??
        unplayed(machine, words.join(' '))
      );
    case 'sed':
      return sed(machine, words, stdin);
    default:
      return textCommand(words, stdin) ?? unplayed(machine, words.join(' '));
  }
}

function sed(machine: Machine, words: readonly string[], stdin: string | undefined): Output {
  const inPlace = words.some((word) => /^-\w*i/.test(word) || word.startsWith('--in-place'));
  const [expression = '', path] = words.slice(1).filter((word) => !word.startsWith('-'));
  const before = path === undefined ? stdin : machine.files.get(path);
  if (before === undefined)
    return { stdout: '', stderr: `sed: can't read ${path ?? '-'}: No such file or directory\n`, exitCode: 1 };
  const after = edited(before, expression);
  if (after === undefined) return unplayed(machine, words.join(' '));
  if (!inPlace || path === undefined) return success(after);
  writeFile(machine, path, after, false);
  return success('');
}

/**
 * Starts ecs or docker and waits until it runs: ecs.service is ordered after cloud-final, which waits for the script
 * (amazon-ecs-agent issues 1707, 4818). `--no-block` is the escape.
 */
function startsAgent(words: readonly string[]): boolean {
  if (words.includes('--no-block')) return false;
  const names = words.map((word) => word.replace(/\.service$/, ''));
  if (!names.includes('ecs') && !names.includes('docker')) return false;
  return names.includes('start') || names.includes('restart') || (names.includes('enable') && names.includes('--now'));
}
