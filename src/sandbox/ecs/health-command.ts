// The command of a health check, played inside its container: really asks the container's port, executes nothing here.
import { curl } from '../shell/curl.ts';
import { interpret } from '../shell/interpreter.ts';
import { failure, type Output } from '../shell/output.ts';
import { textCommand } from '../shell/text-commands.ts';
import { wget } from '../shell/wget.ts';
import type { Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { reachFromContainer } from './container-network.ts';
import { environmentOf, pullFor } from './container-program.ts';
import { behaviourOf } from './image-commands.ts';
import type { StandIn } from './images.ts';

export interface HealthCommandOptions {
  world: World;
  task: Task;
  container: TaskContainer;
  /** As in the task definition: CMD or CMD-SHELL, then the words. */
  command: readonly string[];
  /** Lets so many milliseconds pass, as the sandbox plays time; resolves at once when the signal is aborted. */
  sleep(ms: number): Promise<void>;
  /** Aborted when the time of the check is over: what it gives then does not count. */
  signal: AbortSignal;
}

/** @returns what the check puts out, as `docker inspect` would show it; exit code 0 is healthy. */
export async function playHealthCommand(options: HealthCommandOptions): Promise<Output> {
  const { world, task, container, command } = options;
  const image = pullFor(world, task, container);
  if ('failure' in image) return failure(127, image.failure);
  const environment = environmentOf(world, task, container);
  if (command[0] === 'CMD') return run(options, image, environment, command.slice(1), undefined);
  const written = { stdout: '', stderr: '' };
  const shell = interpret(command[1] ?? '', { full: true, environment, files: image.files });
  let next = shell.next();
  while (!next.done && !options.signal.aborted) {
    const event = next.value;
    let output: Output | undefined;
    if (event.kind === 'call') output = await run(options, image, environment, event.words, event.stdin);
    else if (event.kind === 'write') written[event.stream] += event.text;
    else if (event.kind === 'refused')
      output = failure(127, `ecsdemo stand-in: not understood (${event.reason}): ${event.text}\n`);
    next = shell.next(output);
  }
  return { ...written, exitCode: next.done ? next.value : 137 };
}

async function run(
  { world, task, container, sleep, signal }: HealthCommandOptions,
  image: StandIn,
  environment: Record<string, string>,
  words: readonly string[],
  stdin: string | undefined,
): Promise<Output> {
  const [program = '', ...rest] = words;
  const name = program.replace(/^(\/usr)?(\/local)?\/s?bin\//, '');
  const reach = reachFromContainer(world, task, container);
  if (image.tools.includes(name)) {
    if (name === 'curl') return curl(rest, reach, signal);
    if (name === 'wget') return wget(rest, reach, signal);
    const [host = '', port = ''] = rest.filter((word) => !word.startsWith('-') && word !== '');
    if (name === 'nc' && rest.includes('-z')) {
      const reached = reach(host, Number(port));
      return { stdout: '', stderr: '', exitCode: typeof reached === 'object' ? 0 : 1 };
    }
  }
  const text = textCommand([name, ...rest], stdin);
  if (text) return text;
  // The program of the image asked to check its own configuration.
  if (image.kind === 'nginx' && name === 'nginx' && rest[0] === '-t')
    return { stdout: '', stderr: 'nginx: configuration file /etc/nginx/nginx.conf test is successful\n', exitCode: 0 };
  const started = behaviourOf(image, { entryPoint: [...words] }, image.architectures[0] ?? 'x86_64', environment);
  if ('failure' in started) return failure(127, `sh: 1: ${program}: not found\n`);
  // A server started by the check would run for ever: it runs into the check's timeout.
  const runsOn = started.script === 'web.cjs' || started.exitCode === undefined;
  await sleep(runsOn ? Number.POSITIVE_INFINITY : (started.exitsAfterMs ?? 0));
  const lines = [...(started.banner ?? []), ...(started.lastWords ?? [])];
  return { stdout: lines.map((line) => `${line}\n`).join(''), stderr: '', exitCode: started.exitCode ?? 0 };
}
