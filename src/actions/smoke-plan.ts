// What a smoke run is asked to do. Knows no action.

/** What can be left out of a smoke run. `destroy` cannot. */
export const smokeSteps = ['up', 'verify', 'scale'] as const;

export type SmokeStep = (typeof smokeSteps)[number];

export interface SmokePlan {
  /** `up` is among them. */
  steps: readonly SmokeStep[];
  /** How many tasks it is scaled to, before it is scaled back to one. */
  count: number;
  /** After a failure the demo stays as it is, to be looked at; after Ctrl-C it does not. */
  keep: boolean;
  /** A command that failed with a retryable error is run once more. */
  retry: boolean;
}
