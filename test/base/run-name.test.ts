import { expect, test } from 'vitest';
import { demoName } from '../../src/base/names.ts';
import { runName } from '../../src/base/run-name.ts';

test.each([
  [
    'GitHub',
    { GITHUB_RUN_ID: '19876543210', GITHUB_JOB: 'smoke', RUNNER_NAME: 'GitHub Actions 2' },
    /^ci-19876543210-[0-9a-f]{4}$/,
  ],
  ['a run number that grew', { GITHUB_RUN_ID: '1234567890123' }, /^ci-34567890123-[0-9a-f]{4}$/],
  ['GitLab', { CI_PIPELINE_ID: '123456789', CI_JOB_ID: '1' }, /^ci-123456789-[0-9a-f]{4}$/],
  ['Jenkins', { BUILD_ID: '42', BUILD_TAG: 'jenkins-nightly-42' }, /^ci-42-[0-9a-f]{4}$/],
  ['an old Jenkins', { BUILD_ID: '2026-11-25_01-02-03' }, /^ci-61125010203-[0-9a-f]{4}$/],
  ['no job', {}, /^smoke-r4nd0m$/],
  ['variables that say nothing', { GITHUB_RUN_ID: '', BUILD_ID: '--' }, /^smoke-r4nd0m$/],
])('of %s a name that a demo may have', (_, env, shape) => {
  const name = runName(env, 'r4nd0m');
  expect(name).toMatch(shape);
  expect(demoName(name)).toBe(name);
});

test('the same job again has the same name, and the job beside it another', () => {
  const job = { GITHUB_RUN_ID: '1', GITHUB_JOB: 'smoke', RUNNER_NAME: 'one' };
  expect(runName(job, 'a')).toBe(runName(job, 'b'));
  expect(runName(job, 'a')).not.toBe(runName({ ...job, RUNNER_NAME: 'two' }, 'a'));
  expect(runName({ BUILD_ID: '7', JOB_NAME: 'a' }, '')).not.toBe(runName({ BUILD_ID: '7', JOB_NAME: 'b' }, ''));
});
