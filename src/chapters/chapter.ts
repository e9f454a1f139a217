// What a chapter is: a value. Its outline is all that flags and help need and loads nothing; its work is loaded when a
// command runs it. The actions know chapters by these types alone, and a chapter knows no action.
import type { AwsCall } from '../aws/grants.ts';
import type { Priced } from '../base/cost.ts';
import type { Settings } from '../base/settings.ts';
import type { Check, CheckResult, CheckSpec, Resource, Step, StepRun } from '../engine/types.ts';
import type { Scope } from '../resources/resource.ts';
import type { NamesByType } from '../resources/search.ts';
import type { Uses } from '../resources/uses.ts';

/** What can be told of a chapter without loading what it does. */
export interface Outline {
  /** 'tutorial' */
  id: string;
  title: string;
  /** In the order people are shown; `--through` takes their ids. The last one is the proof. */
  steps: readonly StepOutline[];
  /** The numbers of the tutorial under which a change of the number of tasks and a removal are told. */
  numbers: { scale: number; remove: number };
}

/** A chapter in the list of those there are. */
export interface Entry {
  outline: Outline;
  /** Loads what it does. */
  load(): Promise<Chapter>;
}

export interface StepOutline {
  id: string;
  title: string;
  /** The step of the tutorial it belongs to. */
  tutorialStep: number;
  /** For the README: what it makes or proves, in a line. */
  makes: string;
  /** What of it may be left when it was removed, in CloudFormation's words. */
  types: readonly string[];
}

/**
 * What the steps of a chapter share in one run. What its own steps hand on a chapter adds as one object, the tutorial's
 * `facts`: for looking only, the actions give the steps a copy of the context, which shares it.
 */
export interface ChapterContext extends Scope {
  settings: Settings;
}

/** What is known of a demo after its steps were looked at or ensured. */
export interface DemoState {
  /** Where it answers; null: nowhere yet, as far as was looked. */
  url: string | null;
  /** Tasks, as they were seen in this run; null: nobody looked. */
  desired: number | null;
  running: number | null;
  healthy: number | null;
  /** What it was seen to answer in this run; null: it was not, or nobody asked. `whole`: there was nothing else in it. */
  answer: { text: string; whole: boolean } | null;
  checks: Check[];
  /** When `sweep --expired` may take it, ISO; null: never, or the cluster was not looked at. */
  expiresAt: string | null;
  /** Its parts that cost something; null: not all that can cost something was looked at. */
  priced: Priced | null;
}

/** A task as people tell it from the others. */
export interface DemoTask {
  id: string;
  /** Family and revision of its task definition. */
  definition: string;
  /** ECS's word: 'PENDING', 'RUNNING'. */
  state: string;
  /** EC2 id of its container instance; null: it has none yet. */
  instance: string | null;
  zone: string | null;
  /** Where it answers: 'i-0abc:32768', or '172.31.7.9:80' of an interface of its own; empty: nowhere yet. */
  addresses: string[];
  /** The load balancer's word for it, 'healthy'; null: it is no target. */
  health: string | null;
  /** ISO; null: it has not started yet. */
  startedAt: string | null;
}

/** A step of a chapter, with the calls that it makes. */
export type ChapterStep<Context> = Step<Context> & { uses: Uses };

/**
 * What a chapter does. Its steps are given the context that its own `prepare` made, and may count on that: the types of
 * method parameters let a step ask for more than a ChapterContext.
 */
export interface Chapter {
  outline: Outline;
  /** What `up` makes, `status` looks at and `destroy` takes away. */
  resources: readonly ChapterStep<ChapterContext>[];
  /** The checks: the end of `up`, and `verify`. @throws EcsdemoError `check-failed` */
  proof: ChapterStep<ChapterContext>;
  /**
   * By these and by tags what is left of a demo is found, independently of the steps. A demo is of one chapter: no two
   * chapters may give a resource the same name.
   */
  names(demo: string): NamesByType;
  /** AWS's managed policies that its roles are given, by path: 'AmazonSSMManagedInstanceCore'. @default none */
  managedPolicies?: readonly string[];
  /**
   * Checks all that can be checked before the first call.
   * @returns what makes the context of a run, once it is known where the run works
   * @throws EcsdemoError `usage`, `name-invalid` or `template-invalid`
   */
  prepare(settings: Settings): Promise<(scope: Scope) => ChapterContext>;
  /**
   * Before an `up` of these steps changes anything: refuses what is known by then to end badly. What it reads the steps need
   * not read again. Absent: nothing can be foretold.
   * @throws EcsdemoError
   */
  foresee?(context: ChapterContext, run: StepRun, steps: readonly Step<ChapterContext>[]): Promise<void>;
  state(context: ChapterContext): DemoState;
  /** After a look. @throws EcsdemoError `demo-absent` when there is nothing to verify or scale. */
  refuseAbsent(context: ChapterContext): void;
  /** Absent: its number of tasks is not to be changed. */
  scaling?: Scaling;
  /** What runs now, after a look; for `status`, which alone asks for it. Absent: nothing that is to be told one by one. */
  tasks?: {
    uses: readonly AwsCall[];
    find(context: ChapterContext): Promise<DemoTask[]>;
  };
  /** What `up` needs and does not make. Absent: nothing that could be looked at. */
  preconditions?: Preconditions;
}

export interface Preconditions {
  /** The calls of its checks, beside those of a look; DryRun's count as what they do not do. */
  uses: readonly AwsCall[];
  /** They only read, but for EC2's DryRun, and go side by side. */
  checks: readonly Precondition[];
}

export interface Precondition extends Pick<CheckSpec, 'id' | 'after'> {
  /** @param looked has the steps look, once, and ends when they have, well or not: what they found is in the context then */
  run(context: ChapterContext, looked: () => Promise<unknown>): Promise<CheckResult>;
}

export interface Scaling {
  /** The step as which it is told. */
  step: string;
  /** What must be looked at before the number is changed as the settings say: only what that takes. */
  looks(settings: Settings): readonly ChapterStep<ChapterContext>[];
  /** The calls of `scale`, beside those of the look. */
  uses: readonly AwsCall[];
  /**
   * Changes the numbers of tasks and instances, after the look.
   * @param seen what the look found
   * @returns the resources as they are then
   * @throws EcsdemoError `not-ours`, `does-not-fit`, or what settling can fail with
   */
  scale(context: ChapterContext, run: StepRun, seen: readonly Resource[]): Promise<Resource[]>;
}
