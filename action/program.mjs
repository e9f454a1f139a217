// Runs ecsdemo from the action's own checkout, made ready first where it is not built. A signal goes on to the program, which
// cleans up after itself.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @throws when the checkout cannot be built */
export function makeReady() {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('ecsdemo could not be made ready: see the lines above');
}

/**
 * @param args of the program; its lines for people go to the log
 * @returns its exit code, and what it wrote on stdout
 */
export function ecsdemo(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${root}bin/run.js`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    // The runner sends SIGINT, 7.5 s later SIGTERM, and kills 2.5 s after that. A second signal would end the program at once.
    let heard = false;
    const onSignal = (signal) => {
      if (!heard) child.kill(signal);
      heard = true;
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      resolve({ code: code ?? 1, stdout });
    });
  });
}

/** The one document of --json; undefined: the program did not come to writing it. */
export function documentOf(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
