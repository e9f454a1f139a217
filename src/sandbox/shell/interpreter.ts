// Plays a shell script: the tree that unbash reads out of it, walked. It is never given to a shell; what a simple
// command does is asked of whoever plays it, and what the dialect does not offer is refused.
import { parse } from 'unbash';
import type { AndOr, Assignment, Command, CommandNode, CompoundList, PipelineNode, Statement } from 'unbash';
import { type Output, success } from './output.ts';
import { expand, expandAll, fits, Refusal, type ExpansionHost, type Part } from './expansion.ts';
import { isTrue } from './conditions.ts';
import { redirect, type FileSink, type Sink, type Streams } from './redirections.ts';
import { test } from './test-command.ts';

/** What happens as the script runs. A call and a refusal are answered with what they put out. */
export type ShellEvent =
  /** `stdin`: what a pipe brings; undefined when there is none. */
  | { kind: 'call'; words: string[]; stdin: string | undefined; background: boolean }
  | { kind: 'write'; stream: 'stdout' | 'stderr'; text: string }
  | { kind: 'file'; path: string; text: string; append: boolean }
  | { kind: 'refused'; text: string; reason: string };

export interface Dialect {
  /**
   * True: variables, pipes, conditions, functions, loops over words, substitutions, here-documents and files.
   * False: simple commands in lists with `;`, `&&` and `||`, and redirections to /dev/null.
   */
  full: boolean;
  /** True: `command &` is played as if it came to its end at once. @default false, it is refused */
  background?: boolean;
  environment?: Readonly<Record<string, string>>;
  /** Paths that are there, for `test -f` and patterns. */
  files?: readonly string[];
}

/** Gives its exit code in the end. */
export type Shell = Generator<ShellEvent, number, Output | undefined>;

interface Run {
  source: string;
  dialect: Dialect;
  variables: Record<string, string>;
  functions: Map<string, FunctionBody>;
  files: Set<string>;
  exitCode: number;
  /** Whether the command that runs was sent into the background. */
  background: boolean;
  /** How deep functions call each other. */
  depth: number;
  over: boolean;
  stopsOnFailure: boolean;
  /** Shared with what runs inside: loops in loops, and text that doubles, must not take this machine with them. */
  budget: { commands: number };
}

type FunctionBody = Extract<CommandNode, { type: 'Function' }>['body'];

const mostCommands = 10_000;
const deepestCall = 50;
const longestText = 65_536;

/** Plays the script. An exit code of 2 is a script that cannot be read. */
export function* interpret(source: string, dialect: Dialect): Shell {
  const tree = parse(source);
  const [error] = tree.errors ?? [];
  if (error) {
    const output = yield { kind: 'refused', text: source, reason: error.message };
    yield* put('stderr', output?.stderr ?? '');
    return output?.exitCode ?? 2;
  }
  const run: Run = {
    source,
    dialect,
    // Without a prototype: `constructor` is a name like any other.
    variables: Object.assign(Object.create(null) as Record<string, string>, dialect.environment),
    functions: new Map(),
    background: false,
    depth: 0,
    files: new Set(dialect.files),
    exitCode: 0,
    over: false,
    stopsOnFailure: false,
    budget: { commands: mostCommands },
  };
  yield* playAll(run, tree.commands, { stdin: undefined, stdout: 'stdout', stderr: 'stderr' });
  return run.exitCode;
}

function* put(sink: Sink, text: string): Part<void> {
  if (text === '' || sink === 'void') return;
  if (typeof sink === 'string') yield { kind: 'write', stream: sink, text };
  else if (sink.text.length + text.length > longestText) throw new Refusal('so much text is not offered');
  else sink.text += text;
}

function* playAll(run: Run, statements: readonly Statement[], streams: Streams): Part<void> {
  for (const { command, background } of statements) {
    if (run.over) return;
    run.background = background === true;
    if (background && run.dialect.background !== true)
      yield* refuse(run, command, 'background jobs are not offered', streams);
    else if (command.type === 'AndOr') yield* playList(run, command, streams);
    else {
      yield* playPipeline(run, command, streams);
      if (run.stopsOnFailure && run.exitCode !== 0) run.over = true;
    }
  }
}

function* playList(run: Run, { commands, operators }: AndOr, streams: Streams): Part<void> {
  for (const [index, command] of commands.entries()) {
    const operator = operators[index - 1];
    if (operator === '&&' && run.exitCode !== 0) continue;
    if (operator === '||' && run.exitCode === 0) continue;
    yield* playPipeline(run, command, streams);
    if (run.over) return;
    if (run.stopsOnFailure && run.exitCode !== 0 && index === commands.length - 1) run.over = true;
  }
}

/** What cannot be played is refused as a whole: nothing of it has an effect after that. */
function* refuse(run: Run, node: PipelineNode | AndOr, reason: string, streams: Streams): Part<void> {
  const output = yield { kind: 'refused', text: run.source.slice(node.pos, node.end), reason };
  yield* put(streams.stdout, output?.stdout ?? '');
  yield* put(streams.stderr, output?.stderr ?? '');
  run.exitCode = output?.exitCode ?? 127;
}

function* playPipeline(run: Run, node: PipelineNode, streams: Streams): Part<void> {
  try {
    if (node.type !== 'Pipeline') return yield* playCommand(run, node, streams);
    if (!run.dialect.full) throw new Refusal('pipes are not offered');
    let { stdin } = streams;
    for (const [index, command] of node.commands.entries()) {
      const last = index === node.commands.length - 1;
      const through = { text: '' };
      yield* playCommand(run, command, { ...streams, stdin, stdout: last ? streams.stdout : through });
      stdin = through.text;
    }
    if (node.prefixes.some(({ type }) => type === 'Negation')) run.exitCode = run.exitCode === 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    yield* refuse(run, node, error.message, streams);
  }
}

function* playCommand(run: Run, node: CommandNode, streams: Streams): Part<void> {
  if (node.type === 'Command') return yield* playSimple(run, node, streams);
  if (!run.dialect.full) throw new Refusal(node.type === 'Subshell' ? 'subshells are not offered' : 'not offered');
  switch (node.type) {
    case 'Redirected': {
      const { redirected, files } = yield* redirect(hostOf(run), run.dialect.full, node.redirects, streams);
      yield* playCommand(run, node.command, redirected);
      yield* writeFiles(run, files);
      return;
    }
    case 'BraceGroup':
    case 'Subshell':
      return yield* playAll(run, node.body.commands, streams);
    case 'If': {
      for (const { clause, then } of [node, ...node.elif]) {
        if (yield* holds(run, clause, streams)) return yield* playAll(run, then.commands, streams);
        if (run.over) return;
      }
      run.exitCode = 0;
      if (node.else) yield* playAll(run, node.else.commands, streams);
      return;
    }
    case 'For': {
      const values = yield* expandAll(hostOf(run), node.wordlist ?? []);
      run.exitCode = 0;
      for (const value of values) {
        if (run.over) return;
        run.variables[node.name.value] = value;
        yield* playAll(run, node.body.commands, streams);
      }
      return;
    }
    case 'Case': {
      const value = (yield* expand(hostOf(run), node.word)).join(' ');
      run.exitCode = 0;
      for (const { pattern, body } of node.items) {
        const patterns = yield* expandAll(hostOf(run), pattern);
        if (patterns.some((one) => fits(value, one))) return yield* playAll(run, body.commands, streams);
      }
      return;
    }
    case 'TestCommand':
      run.exitCode = (yield* isTrue(hostOf(run), node.expression)) ? 0 : 1;
      return;
    case 'Function':
      run.functions.set(node.name.value, node.body);
      run.exitCode = 0;
      return;
    default:
      throw new Refusal('loops of this kind and other constructs are not offered');
  }
}

function* call(run: Run, body: FunctionBody, streams: Streams): Part<void> {
  if (run.depth >= deepestCall) throw new Refusal('functions that call each other so deep are not offered');
  run.depth++;
  if (body.type === 'CompoundList') yield* playAll(run, body.commands, streams);
  else yield* playCommand(run, body, streams);
  run.depth--;
}

/** A condition; `set -e` does not look at it. */
function* holds(run: Run, clause: CompoundList, streams: Streams): Part<boolean> {
  const { stopsOnFailure } = run;
  run.stopsOnFailure = false;
  yield* playAll(run, clause.commands, streams);
  run.stopsOnFailure = stopsOnFailure;
  return run.exitCode === 0 && !run.over;
}

function* playSimple(run: Run, node: Command, streams: Streams): Part<void> {
  if (run.budget.commands-- <= 0) {
    run.over = true;
    throw new Refusal('so many commands are not offered');
  }
  for (const one of node.prefix) {
    if (one.type !== 'Assignment') continue;
    if (!run.dialect.full) throw new Refusal('variables of one command are not offered');
    // Those before a command are for that command alone; what stands here asks its environment for none.
    yield* assign(run, one);
  }
  if (!node.name && node.redirects.length === 0) return;
  const args = node.args.map((arg) => {
    if (arg.type === 'Word') return arg;
    if (!run.dialect.full) throw new Refusal('assignments among arguments are not offered');
    return arg;
  });
  const before = run.exitCode;
  const words = yield* expandAll(hostOf(run), node.name ? [node.name] : []);
  for (const arg of args) {
    if (arg.type === 'Assignment') words.push(`${arg.name}=${yield* assign(run, arg)}`);
    else words.push(...(yield* expand(hostOf(run), arg)));
  }
  const { redirected, files } = yield* redirect(hostOf(run), run.dialect.full, node.redirects, streams);
  const [name, ...rest] = words[0] === 'exec' ? words.slice(1) : words;
  if (name === undefined) return yield* writeFiles(run, files);
  const body = run.functions.get(name);
  if (body) {
    yield* call(run, body, redirected);
    return yield* writeFiles(run, files);
  }
  if (name === 'exit') {
    run.exitCode = Number(rest[0] ?? before) & 255;
    run.over = true;
    return;
  }
  const output =
    builtIn(run, name, rest) ??
    (yield { kind: 'call', words: [name, ...rest], stdin: redirected.stdin, background: run.background });
  yield* put(redirected.stdout, output?.stdout ?? '');
  yield* put(redirected.stderr, output?.stderr ?? '');
  run.exitCode = output?.exitCode ?? 127;
  if (words[0] === 'exec') run.over = true;
  yield* writeFiles(run, files);
}

/** @returns what the variable is then */
function* assign(run: Run, { name, value, append }: Assignment): Part<string> {
  if (value.type !== 'Word') throw new Refusal('lists are not offered');
  const before = append === true ? (run.variables[name] ?? '') : '';
  const text = before + (yield* expand(hostOf(run), value)).join(' ');
  if (text.length > longestText) throw new Refusal('so much text is not offered');
  run.variables[name] = text;
  return text;
}

/** What changes or asks the shell itself. */
function builtIn(run: Run, name: string, args: string[]): Output | undefined {
  switch (name) {
    case ':':
      return success('');
    case 'set':
      if (/^-\w*e/.test(args[0] ?? '')) run.stopsOnFailure = true;
      return success('');
    case 'export':
    case 'declare':
    case 'local':
    case 'readonly':
      return run.dialect.full ? success('') : undefined;
    case '[':
    case 'test':
      return run.dialect.full ? test(name, args, run.files) : undefined;
    default:
      return undefined;
  }
}

function* writeFiles(run: Run, files: FileSink[]): Part<void> {
  for (const { path, sink, append } of files) {
    run.files.add(path);
    yield { kind: 'file', path, text: sink.text, append };
  }
}

function hostOf(run: Run): ExpansionHost {
  const { full } = run.dialect;
  const check = (): void => {
    if (!full) throw new Refusal('variables and substitutions are not offered');
  };
  return {
    files: run.files,
    variable(name) {
      check();
      if (name === '?') return String(run.exitCode);
      return run.variables[name];
    },
    *substitute(commands) {
      check();
      const caught = { text: '' };
      const inner = { ...run, over: false, stopsOnFailure: false, background: false };
      yield* playAll(inner, commands, { stdin: undefined, stdout: caught, stderr: 'stderr' });
      run.exitCode = inner.exitCode;
      return caught.text;
    },
  };
}
