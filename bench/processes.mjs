// Runs programs for the bench: timed, bounded, with the most memory they held, one at a time. Knows nothing of what they do.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** GNU time, which alone can tell the most memory that a process held; bash tells its processor time, to the millisecond. */
const gnuTime = '/usr/bin/time';
const usageFile = join(tmpdir(), `ecsdemo-bench-${process.pid}.usage`);
const timed = `exec 3>&2; TIMEFORMAT='%3R %3U %3S'; { time ${gnuTime} -q -f %M -o "$USAGE_FILE" -- "$0" "$@" 2>&3 3>&-; } 2>"$USAGE_FILE.time"`;

/** Is there such a program? */
export function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/**
 * Runs to the end. @returns wall time until the end and until the first thing said (on either stream), in milliseconds;
 * stdout; with `usage`, where it can be told, processor time in milliseconds and the most resident memory in kB. @throws Error when it fails or takes longer than `limitMs`.
 */
export function run(command, args, { env = process.env, cwd, limitMs = 120_000, usage = false } = {}) {
  const measured = usage && existsSync(gnuTime);
  const [program, words] = measured ? ['bash', ['-c', timed, command, ...args]] : [command, args];
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(program, words, {
      env: measured ? { ...env, USAGE_FILE: usageFile } : env,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let complaints = '';
    let firstMs;
    for (const stream of [child.stdout, child.stderr]) {
      stream.once('data', () => (firstMs ??= performance.now() - startedAt));
    }
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (complaints = (complaints + chunk).slice(-2000)));
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const ms = performance.now() - startedAt;
      if (code !== 0)
        reject(
          new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}:\n${complaints}${out.slice(-500)}`),
        );
      else resolve({ ms, firstMs, out, ...(measured ? usageOf() : {}) });
    });
  }).finally(() => {
    for (const file of [usageFile, `${usageFile}.time`]) rmSync(file, { force: true });
  });
}

/** Wall time without the start of bash. */
function usageOf() {
  const [seconds, user, system] = readFileSync(`${usageFile}.time`, 'utf8').trim().split(' ').map(Number);
  const rssKb = Number(readFileSync(usageFile, 'utf8'));
  return { rssKb, ms: seconds * 1000, cpuMs: Math.round((user + system) * 1000) };
}

function statusOf(pid, field) {
  try {
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Memory of a process and its children by what is theirs (shared pages divided among those who share), in MB. */
export function memoryOf(pid) {
  const children = readdirSync('/proc').filter((each) => /^\d+$/.test(each) && statusOf(each, 'PPid') === pid);
  const pssOf = (one) => {
    try {
      return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  };
  const mb = (kb) => Math.round(kb / 102.4) / 10;
  return {
    own: mb(statusOf(pid, 'VmRSS')),
    children: children.length,
    childrenPss: mb(children.reduce((total, child) => total + pssOf(child), 0)),
  };
}

/** Processor time that a process has used so far, in milliseconds; undefined where it cannot be told. */
export function cpuMsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}
