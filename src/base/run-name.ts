// What a demo is called that is made for one run of a CI job: the same when the job looks again, another for the job beside
// it. Pure.
import { createHash } from 'node:crypto';

type Environment = Readonly<Record<string, string | undefined>>;

interface System {
  /** Of a whole run, which may have many jobs at once. */
  run: string;
  /** What tells those jobs apart: a matrix gives all of them the same name. */
  job: readonly string[];
}

const systems: readonly System[] = [
  { run: 'GITHUB_RUN_ID', job: ['GITHUB_JOB', 'RUNNER_NAME', 'RUNNER_TRACKING_ID'] },
  { run: 'CI_PIPELINE_ID', job: ['CI_JOB_ID'] },
  // Jenkins counts from 1 in every job.
  { run: 'BUILD_ID', job: ['BUILD_TAG', 'JOB_NAME', 'BUILD_URL'] },
];

/** A demo's name has 19 characters at most. */
const runLength = 11;
const jobLength = 4;

/**
 * 'ci-19876543210-3f2a' in a CI job that is known, otherwise 'smoke-' and something random.
 * @param random some characters, letters and digits, for where no job is known
 */
export function runName(env: Environment, random: string): string {
  const system = systems.find(({ run }) => alphanumeric(env[run]) !== '');
  if (system === undefined) return `smoke-${random}`;
  const job = createHash('sha256')
    .update(JSON.stringify(system.job.map((variable) => env[variable] ?? '')))
    .digest('hex');
  return `ci-${alphanumeric(env[system.run]).slice(-runLength)}-${job.slice(0, jobLength)}`;
}

function alphanumeric(text = ''): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, '');
}
