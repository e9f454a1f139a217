// A `sh -c` line as what a container does: its words before and between, the time it sleeps, and the program it ends in.
// Pure: the line is played to its end here and now; only what comes of it becomes a process.
import { interpret, type Dialect } from '../shell/interpreter.ts';
import { failure, success, type Output } from '../shell/output.ts';
import { textCommand } from '../shell/text-commands.ts';
import type { Behaviour, CannotStart } from './image-commands.ts';

export interface LinePlayed {
  line: string;
  environment: Readonly<Record<string, string>>;
  /** Files of the image, as they are called in its working directory and from the root. */
  files: readonly string[];
  /** What a command in exec form does in the image. */
  run(words: string[]): Behaviour | CannotStart;
}

/** Commands whose effect nobody sees: a container's own files are not played, but for what is in `files`. */
const silent = new Set(['cd', 'mkdir', 'touch', 'chmod', 'chown', 'umask', 'sync']);

function ls(words: string[], files: readonly string[]): Output {
  const names = words.filter((word) => !word.startsWith('-'));
  const there =
    names.length === 0 ? files.filter((file) => !file.startsWith('/')) : names.filter((name) => files.includes(name));
  const missing = names.filter((name) => !files.includes(name));
  return {
    stdout: there.map((name) => `${name}\n`).join(''),
    stderr: missing.map((name) => `ls: cannot access '${name}': No such file or directory\n`).join(''),
    exitCode: missing.length > 0 ? 2 : 0,
  };
}

/** A program that serves, or sleeps for ever: the line does not come further than this. */
function staysUp(behaviour: Behaviour): boolean {
  return behaviour.script === 'web.cjs' || behaviour.exitCode === undefined;
}

export function playLine({ line, environment, files, run }: LinePlayed): Behaviour {
  const dialect: Dialect = { full: true, environment, files };
  const shell = interpret(line, dialect);
  const atOnce: string[] = [];
  const later: string[] = [];
  let sleptMs = 0;
  let page: string | undefined;
  let text = '';
  const flush = (): void => {
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    (sleptMs > 0 ? later : atOnce).push(...lines);
    text = '';
  };
  let next = shell.next();
  while (!next.done) {
    const event = next.value;
    let output: Output | undefined;
    if (event.kind === 'write') text += event.text;
    else if (event.kind === 'file') {
      // The page a web server of these images shows by default.
      if (/(^|\/)index\.html?$/.test(event.path)) page = event.text;
    } else if (event.kind === 'refused') {
      return notUnderstood(line, event.reason, [...atOnce, ...later]);
    } else {
      const [name = ''] = event.words;
      // A shell that reads its commands from a pipe: what they would be is not known.
      if (/^(.*\/)?(ba|da)?sh$/.test(name) && event.stdin !== undefined)
        return notUnderstood(line, 'piped into a shell', atOnce);
      if (silent.has(name)) output = success('');
      else if (name === 'ls') output = ls(event.words.slice(1), files);
      else output = textCommand(event.words, event.stdin);
      if (!output) {
        const started = run(event.words);
        if ('failure' in started) output = failure(127, `sh: 1: ${name}: not found\n`);
        else if (staysUp(started)) {
          flush();
          const listensAfterMs = (started.listensAfterMs ?? 0) + sleptMs;
          return {
            ...started,
            ...(page === undefined || started.script !== 'web.cjs' ? {} : { body: page }),
            ...(listensAfterMs > 0 && { listensAfterMs }),
            banner: [...atOnce, ...later, ...(started.banner ?? [])],
          };
        } else {
          const slept = started.exitsAfterMs ?? 0;
          if (slept > 0) flush();
          sleptMs += slept;
          const words = [...(started.banner ?? []), ...(started.lastWords ?? [])];
          output = { stdout: words.map((one) => `${one}\n`).join(''), stderr: '', exitCode: started.exitCode ?? 0 };
        }
      }
    }
    next = shell.next(output);
  }
  flush();
  return {
    script: 'exit.cjs',
    exitCode: next.value,
    exitsAfterMs: sleptMs,
    ...(sleptMs > 0 ? { banner: atOnce, lastWords: later } : { lastWords: atOnce }),
  };
}

/** A stand-in can only play what it understands; it says so and ends as a command that is not found. */
function notUnderstood(line: string, reason: string, words: string[]): Behaviour {
  return {
    script: 'exit.cjs',
    exitCode: 127,
    exitsAfterMs: 0,
    lastWords: [...words, `ecsdemo stand-in: shell line not understood (${reason}): ${line}`],
  };
}
