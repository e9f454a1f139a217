// The seven steps on a sandbox of its own, as a person would type them; then proof that nothing is left. Cleans up also
// on failure and Ctrl-C. Run by `npm run demo`.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-demo-'));
const env = { ...process.env, ECSDEMO_SANDBOX_DIR: dir };
for (const name of ['AWS_ENDPOINT_URL', 'AWS_PROFILE', 'ECSDEMO_NAME', 'ECSDEMO_LOCAL', 'ECSDEMO_JSON'])
  delete env[name];
const styled = process.stderr.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const startedAt = Date.now();

let child;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  // A terminal sends Ctrl-C to the command too; it ends by itself, and then this program goes on to clean up.
  process.on(signal, () => {
    interrupted = true;
    if (signal === 'SIGTERM') child?.kill(signal);
  });
}

/**
 * Runs one command and shows what it says, as if it had been typed: its own streams keep their order. Resolves with its exit
 * code, and with what it wrote to stdout when that is not shown.
 */
function ecsdemo(args, { shown = true } = {}) {
  if (shown)
    process.stderr.write(
      styled ? `\n\u001B[1m$ ecsdemo ${args.join(' ')}\u001B[22m\n` : `\n$ ecsdemo ${args.join(' ')}\n`,
    );
  return new Promise((resolve, reject) => {
    let out = '';
    child = spawn(process.execPath, [program, ...args], {
      env,
      stdio: shown ? 'inherit' : ['inherit', 'pipe', 'ignore'],
    });
    child.stdout?.setEncoding('utf8').on('data', (text) => (out += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 1), out: out.trim() }));
  });
}

async function step(...args) {
  if (interrupted) throw new Error('interrupted');
  const { code } = await ecsdemo(args);
  if (code !== 0) throw new Error(`ecsdemo ${args.join(' ')} ended with exit code ${code}`);
}

async function curl(url) {
  process.stderr.write(styled ? `\n\u001B[1m$ curl ${url}\u001B[22m\n` : `\n$ curl ${url}\n`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const body = (await answer.text()).trim();
  process.stdout.write(`${body}\n`);
  if (!answer.ok || body !== '42') throw new Error(`${url} answered ${answer.status} "${body}", not 42`);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Processes of this system whose environment or command names our state directory; undefined where /proc is missing. */
function processesOfSandbox() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => {
        try {
          return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(dir));
        } catch {
          return false;
        }
      });
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

let failure;
const urls = [];
let sandboxPid;
try {
  await step('up', '--local');
  const sandbox = JSON.parse((await ecsdemo(['sandbox', 'status', '--json'], { shown: false })).out).data;
  const [{ url }] = sandbox.loadBalancers;
  urls.push(url, sandbox.endpoint);
  sandboxPid = sandbox.pid;
  await curl(url);
  await step('verify', '--local');
  await step('scale', '--count', '4', '--local');
  await step('verify', '--local');
  await step('status', '--local');
  await curl(url);
  await step('destroy', '--local');
} catch (error) {
  failure = error;
}
const stopped = await ecsdemo(['sandbox', 'stop']);
if (stopped.code !== 0) failure ??= new Error(`sandbox stop ended with exit code ${stopped.code}`);
rmSync(dir, { recursive: true, force: true });

async function leftBehind() {
  const left = [];
  for (const url of urls) if (await accepts(new URL(url).port || 80)) left.push(`${url} still answers`);
  if (sandboxPid !== undefined && isAlive(sandboxPid)) left.push(`process ${sandboxPid} of the sandbox`);
  for (const pid of processesOfSandbox() ?? []) left.push(`process ${pid}`);
  if (existsSync(dir)) left.push(dir);
  return left;
}

// An ended process stays listed until the system's first process has taken note of it: it is given a moment.
let left = await leftBehind();
for (const until = Date.now() + 3000; left.length > 0 && Date.now() < until;) {
  await setTimeout(50);
  left = await leftBehind();
}
if (left.length > 0) failure ??= new Error(`left behind: ${left.join(', ')}`);

const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
if (failure === undefined) {
  process.stderr.write(`\nall seven steps done in ${seconds} s; no process, port or file is left\n`);
} else {
  process.stderr.write(`\ndemo failed after ${seconds} s: ${failure.message}\n`);
}
process.exit(failure === undefined ? 0 : interrupted ? 130 : 1);
