// Where the lines go that a container writes: a file per container, and beside it wherever its log driver takes them.
// Knows no process and no driver.
import { closeSync, constants, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { idOf } from './lookups.ts';

/** Takes the lines of one container, in order, until it has ended. Never throws: a full disk stops no container. */
export interface ContainerOutput {
  /** Whole lines of standard output without their line ends. */
  lines(lines: string[]): void;
  /** The container has ended and every line is told. */
  end(): void;
}

export interface ContainerOutputs {
  open(task: Task, container: TaskContainer): ContainerOutput;
  /**
   * The log itself, for the process to hold as its standard error: what Node has to say when it crashes. The caller
   * closes it. @throws when there is no room for it
   */
  openLog(task: Task, container: TaskContainer): number;
  /** Removes the files of tasks that the world has forgotten. */
  forget(world: World): void;
}

/** Appends, and never through a link that somebody put there. */
const logFlags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;

function append(file: string, text: string): void {
  const log = openSync(file, logFlags, 0o600);
  try {
    writeSync(log, text);
  } finally {
    closeSync(log);
  }
}

/**
 * @param logDir one file per container, `<task id>-<container name>.log`. Made if it does not exist.
 * @param driverOf what else takes the lines of a container.
 */
export function createContainerOutputs(
  logDir: string,
  driverOf: (task: Task, container: TaskContainer) => ContainerOutput | undefined = () => undefined,
): ContainerOutputs {
  /** Log file → task: a log goes when its task is forgotten. */
  const logs = new Map<string, string>();
  mkdirSync(logDir, { recursive: true, mode: 0o700 });
  function fileOf(task: Task, container: TaskContainer): string {
    // Container names may be as long as a whole file name.
    const file = path.join(logDir, `${idOf(task.taskArn)}-${container.name.slice(0, 128)}.log`);
    logs.set(file, task.taskArn);
    return file;
  }
  return {
    open(task, container) {
      const file = fileOf(task, container);
      const driver = driverOf(task, container);
      /** Also once it has ended. */
      let closed = false;
      return {
        lines(lines) {
          if (lines.length === 0) return;
          driver?.lines(lines);
          if (closed) return;
          try {
            // Opened for each write: hundreds of containers would be hundreds of descriptors.
            append(file, lines.map((line) => `${line}\n`).join(''));
          } catch {
            // No room, or the file may not grow: what follows would fail as well.
            closed = true;
          }
        },
        end() {
          closed = true;
          driver?.end();
        },
      };
    },
    openLog: (task, container) => openSync(fileOf(task, container), logFlags, 0o600),
    forget(world) {
      for (const [file, taskArn] of logs) {
        if (world.tasks[taskArn]) continue;
        rmSync(file, { force: true });
        logs.delete(file);
      }
    },
  };
}

/** A line that does not end is cut here, as Docker cuts it. */
const longestLine = 16_384;

/** Makes lines of the chunks of a stream. `rest` gives what is left at its end. */
export function lineSplitter(): { push(chunk: Buffer): string[]; rest(): string[] } {
  const decoder = new StringDecoder('utf8');
  let open = '';
  return {
    push(chunk) {
      const lines = (open + decoder.write(chunk)).split('\n');
      open = lines.pop() ?? '';
      while (open.length > longestLine) {
        lines.push(open.slice(0, longestLine));
        open = open.slice(longestLine);
      }
      return lines;
    },
    rest() {
      const last = open + decoder.end();
      open = '';
      return last === '' ? [] : [last];
    },
  };
}
