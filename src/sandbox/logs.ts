// What `sandbox logs` prints: the process's own words, the calls, and what each task wrote; read from the state directory,
// running or not. Knows file names and nothing of their owners.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { callLogFile, type CallRecord } from './call-log.ts';

const processLog = 'sandbox.log';
const taskLogs = 'tasks';
/** Of each file the end is shown. */
const maxCharacters = 100_000;

/** One text with a heading per file; '' when nothing was written yet. */
export async function readLogs(dir: string): Promise<string> {
  const sections: string[] = [];
  const add = (title: string, text: string): void => {
    if (text.trim() !== '') sections.push(`==> ${title} <==\n${text.trimEnd()}\n`);
  };
  add('sandbox', await tail(join(dir, processLog)));
  add('calls', formatCalls(await tail(join(dir, callLogFile))));
  const tasks = join(dir, taskLogs);
  const entries = await readdir(tasks, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    add(`task ${relative(tasks, path)}`, await tail(path));
  }
  return sections.join('\n');
}

async function tail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.length <= maxCharacters) return text;
  const cut = text.slice(-maxCharacters);
  return cut.slice(cut.indexOf('\n') + 1);
}

function formatCalls(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      try {
        const { at, service, operation, error, ms } = JSON.parse(line) as CallRecord;
        return `${at} ${service}:${operation} ${ms} ms${error === undefined ? '' : ` ${error}`}`;
      } catch {
        return '';
      }
    })
    .filter((line) => line !== '')
    .join('\n');
}
