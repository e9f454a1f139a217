// What GitHub's runner and an action say to each other: inputs, outputs, state between main and post, variables of later steps.
// Its protocol is files and environment variables; plain Node, because nothing is installed when an action starts.
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An input as it was given, or its default in action.yml; '': neither. */
export function input(name) {
  return (process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

/** True for what a workflow may write for it. */
export function isOn(name) {
  return /^true$/i.test(input(name));
}

/** Adds to one of the files that the runner reads after the step. */
function tell(variable, name, value) {
  const file = process.env[variable];
  if (!file) return;
  const end = `end-${randomUUID()}`;
  appendFileSync(file, `${name}<<${end}\n${value}\n${end}\n`);
}

export const setOutput = (name, value) => tell('GITHUB_OUTPUT', name, value);
export const exportVariable = (name, value) => tell('GITHUB_ENV', name, value);
/** For post: it finds it by `savedState`. */
export const saveState = (name, value) => tell('GITHUB_STATE', name, value);
export const savedState = (name) => process.env[`STATE_${name}`] ?? '';

/** The runner shows it as *** from now on. */
export function mask(value) {
  process.stdout.write(`::add-mask::${value}\n`);
}

export function fail(message) {
  const text = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::error title=ecsdemo::${text}\n`);
  process.exitCode = 1;
}

/** A directory for this job's files, taken away with it. */
export function jobDirectory() {
  const dir = join(process.env['RUNNER_TEMP'] || tmpdir(), 'ecsdemo');
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** The state of the sandbox, apart from that of another job on the same machine. */
export function ownSandbox() {
  return join(jobDirectory(), 'sandbox');
}
