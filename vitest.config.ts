import { defineConfig } from 'vitest/config';

// unit: pure, milliseconds · wire: real SDK clients against an in-process sandbox · e2e: the built program, real processes.
// crash: every command killed and every fault injected at every AWS call; takes minutes, run by `npm run test:crash`.
// clients: the tutorial by clients that nobody here wrote, run by `npm run test:clients`; each is skipped where it is missing.
// suggestions: every suggestion taken as it is printed, run by `npm run test:suggestions`; a sample is e2e.
// ownership: a thousand generated accounts with other people's resources, run by `npm run test:ownership`.
const common = {
  restoreMocks: true,
  sequence: { shuffle: true },
  // Time-outs only bound a test that hangs: a busy machine must not run into them.
  expect: { requireAssertions: true, poll: { timeout: 30_000 } },
  disableConsoleIntercept: true,
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_EC2_METADATA_DISABLED: 'true' },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/suggestions/every.test.ts',
            'test/e2e/**',
            'test/crash/**',
            'test/ownership/**',
            'test/clients/**',
            'test/**/*.wire.test.ts',
          ],
          maxWorkers: 2,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: 'wire',
          include: ['test/**/*.wire.test.ts'],
          // They wait more than they work; vitest itself would take one worker for two cores.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: 'e2e',
          // After the others: real processes are enough work for a machine.
          sequence: { ...common.sequence, groupOrder: 1 },
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 1_200_000,
        },
      },
      {
        test: {
          ...common,
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          maxWorkers: 1,
          testTimeout: 600_000,
        },
      },
      {
        test: {
          ...common,
          name: 'suggestions',
          include: ['test/suggestions/every.test.ts'],
          testTimeout: 120_000,
        },
      },
      { test: { ...common, name: 'ownership', include: ['test/ownership/worlds.test.ts'], testTimeout: 3_600_000 } },
    ],
  },
});
