// What a step is and what it tells while it runs. The engine, the steps and the terminal share these types and nothing else.
// Knows no AWS call.
import type { EcsdemoError } from '../base/errors.ts';
import type { Suggestion } from '../base/suggestion.ts';

/** One resource as people see it; `type` in CloudFormation's words. */
export interface Resource {
  step: string;
  /** e.g. 'AWS::ECS::Cluster' */
  type: string;
  name: string;
  /** Id or ARN. Absent: it does not exist (yet). */
  id?: string;
  /** AWS's own word for its state where it has one ('ACTIVE', 'running'), otherwise 'present' or 'absent'. */
  state: string;
  /** True when it carries this demo's tag. */
  owned: boolean;
}

/** What `ensure` would do to one resource; the plan of --dry-run consists of these. */
export interface Change {
  step: string;
  action: 'create' | 'update' | 'delete';
  type: string;
  name: string;
  /** What would change and why, in a few words: 'rule tcp 80 from 0.0.0.0/0 is missing'. */
  detail?: string;
}

export interface Inspection {
  resources: Resource[];
  /** Empty: `ensure` would change nothing. */
  changes: Change[];
}

export interface Removal {
  removed: Resource[];
  kept: (Resource & { reason: string })[];
}

/** `of`: the demo, where a run is about several. */
export type EngineEvent = Happening & { of?: string };

type Happening =
  /** Of a run of several commands: 'scale --count 4' begins. */
  | { type: 'command-started'; command: string }
  | { type: 'command-finished'; command: string; durationMs: number; error?: EcsdemoError }
  /** Whose account the run works in, as soon as it is known; nothing was changed before. */
  | { type: 'identified'; account: string; region: string }
  /** What is about to run, in the order people are shown; before the first of them starts. */
  | { type: 'planned'; steps: PlannedStep[] }
  | ({ type: 'step-started' } & PlannedStep)
  | {
      type: 'step-finished';
      step: string;
      title: string;
      tutorialStep: number;
      durationMs: number;
      resources: Resource[];
      changes: Change[];
    }
  | { type: 'step-failed'; step: string; title: string; error: EcsdemoError }
  /** A resource was changed (or, when removing, deleted) just now. */
  | { type: 'changed'; step: string; change: Change }
  /** Something is being waited for; repeated when `state` changes and when the wait ends (`done`). */
  | { type: 'waiting'; step: string; what: string; state: string; elapsedMs: number; typicalMs?: number; done: boolean }
  /** A new event of the ECS service, each told once. */
  | { type: 'service-event'; step: string; at: Date; message: string }
  /** A retry that AWS's eventual consistency makes necessary, in one line. */
  | { type: 'retrying'; step: string; what: string; reason: string }
  | { type: 'warning'; step?: string; message: string }
  | { type: 'check'; step: string; check: Check }
  /**
   * One AWS call as it ended; `error` is AWS's error name, `requestId` AWS's; `unanswered`: a change was given up, and may
   * have been made.
   */
  | {
      type: 'call';
      service: string;
      operation: string;
      durationMs: number;
      error?: string;
      requestId?: string;
      unanswered?: true;
    };

export interface PlannedStep {
  step: string;
  title: string;
  tutorialStep: number;
}

export type Report = (event: EngineEvent) => void;

/** What one look at something that is being waited for saw. */
export type Observation<Value> = { done: true; value: Value } | { done: false; state: string };

export interface WaitOptions<Value> {
  /** What is waited for, as the end of "waiting for …". */
  what: string;
  /** How long it usually takes on AWS, in milliseconds; shown to people. */
  typicalMs?: number;
  /** On AWS; shorter where time runs faster. @default the time that is left of --timeout */
  limitMs?: number;
  /**
   * Looks once. Throws an EcsdemoError for what waiting cannot cure.
   * @param elapsedMs since the wait began: how often it looks until then is the engine's affair.
   */
  look: (elapsedMs: number) => Promise<Observation<Value>>;
  /**
   * Called once when it takes well over the usual time: what it finds is told while the wait goes on.
   * Throws an EcsdemoError for what waiting cannot cure.
   */
  late?: () => Promise<string[]>;
  /** Called once on timeout: lines that say why. Its own failure is ignored. */
  diagnose?: () => Promise<string[]>;
  /** What to try on timeout. @default the same command again, and longer */
  suggestions?: readonly Suggestion[];
  /** What helps, by what `diagnose` found: asked after it, and told before more time is. */
  advise?: () => readonly Suggestion[];
  /** What `limitMs` being over means, when that is more than time running out. @default a `timeout` error */
  expired?: (message: string, diagnosis: string[]) => EcsdemoError;
}

export interface RetryOptions<Value> {
  /** What is tried, as in "retrying …". */
  what: string;
  limitMs: number;
  /** Says in a few words why the error will pass by itself; undefined when it will not, and it is thrown. */
  transient: (error: unknown) => string | undefined;
  /**
   * Looked at between two tries, when the first second did not help.
   * @throws EcsdemoError when what is tried cannot succeed any more
   */
  recheck?: ((elapsedMs: number) => Promise<void>) | undefined;
  attempt: () => Promise<Value>;
}

export interface StepRun {
  report: Report;
  /** Aborts on Ctrl-C and when another step failed; waits end then, calls under way finish. */
  signal: AbortSignal;
  /** @throws EcsdemoError `timeout` with the last state and the diagnosis; the signal's reason when it aborts. */
  wait<Value>(options: WaitOptions<Value>): Promise<Value>;
  /** Rides out AWS's eventual consistency. @throws the last error when `limitMs` has passed. */
  retry<Value>(options: RetryOptions<Value>): Promise<Value>;
  /** A time after which something is given up on AWS, as it is where the run works, in milliseconds. */
  limit(onAwsMs: number): number;
  /** Runs named checks in order and tells of each. */
  check(specs: readonly CheckSpec[]): Promise<Check[]>;
  /**
   * Dependants may start now although this step still has something to wait for
   * (a load balancer's listener serves CreateService long before the load balancer is active).
   * Not calling it is fine: dependants start when the step ends.
   */
  handOver(): void;
}

/** One idempotent operation. `Context` is what the steps share; the engine never looks into it. */
export interface Step<Context> {
  id: string;
  title: string;
  /** The step of the tutorial it belongs to, 1 to 7. */
  tutorialStep: number;
  /** Ids of the steps that must have handed over before `ensure`, and that wait for this one's `remove`. */
  needs: readonly string[];
  /** True for a proof: it starts when what it needs has come to its end, not when it was handed over. @default false */
  needsDone?: boolean;
  /** Reads only. Never throws because something is absent. */
  inspect(context: Context, run: StepRun): Promise<Inspection>;
  /** observe → ensure → sync → return. */
  ensure(context: Context, run: StepRun): Promise<Resource[]>;
  /** Absent is success. */
  remove(context: Context, run: StepRun): Promise<Removal>;
}

export type CheckStatus = 'pass' | 'fail' | 'skip';

export interface Check {
  id: string;
  status: CheckStatus;
  /** What was seen, with the values. */
  detail: string;
  /** For a failure: what to try. */
  suggestion?: Suggestion;
}

/** What a check came to. */
export type CheckResult = Omit<Check, 'id'>;

export interface CheckSpec {
  id: string;
  /** Checks that must have passed; otherwise this one is skipped, since its failure would only repeat theirs. */
  after?: readonly string[];
  run(): Promise<CheckResult>;
}
