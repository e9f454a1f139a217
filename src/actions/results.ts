// What the actions give: the data that people are shown and that --json's `data` consists of, and how an action ends. Types
// only; members are contract, added and never renamed.
import type { CallCounts } from '../aws/calls.ts';
import type { PolicyDocument } from '../aws/policy-document.ts';
import type { EcsdemoError } from '../base/errors.ts';
import type { DemoTask } from '../chapters/chapter.ts';
import type { Timings } from '../engine/timings.ts';
import type { Change, Check, Resource } from '../engine/types.ts';

/** Whose account and region an action worked in. */
export interface Demo {
  name: string;
  target: 'aws' | 'local';
  region: string;
  account: string;
}

/** How an action ended. After a failure there is as much data as is known all the same. */
export type Outcome<Data> =
  | { demo: Demo; data: Data; warnings: string[]; error?: undefined }
  | { demo?: Demo; data?: Data; warnings: string[]; error: EcsdemoError };

/** What an action took. */
export interface Spent {
  calls: CallCounts;
  durationMs: number;
  /** The chain of waits that determined `durationMs`. */
  timings: Timings;
}

/** What this run looked at and saw; null: it did not look. */
export interface DemoData extends Spent {
  url: string | null;
  desired: number | null;
  running: number | null;
  healthy: number | null;
  /** What it was seen to answer; null: it was not, or nobody asked. `whole`: there was nothing else in it. */
  answer: { text: string; whole: boolean } | null;
  /** Those that this run looked at. */
  resources: Resource[];
  /** Those that were made. */
  checks: Check[];
  /** When `sweep --expired` may take it, ISO; null: never. */
  expiresAt: string | null;
  /** USD per hour on AWS for what exists of it now, rough: base/cost.ts. */
  costPerHour: number | null;
  /** Instance types without a known price, which `costPerHour` lacks. Absent: it lacks none. */
  unpriced?: string[];
}

/**
 * `plan`: only of a dry run, what would be changed.
 * `unfinished`: only after a failure, the titles of the steps that did not come to their end: of their resources nothing is told.
 */
export type UpData = DemoData & { plan?: Change[]; unfinished?: string[] };

/** `changes`: what `up` would put right. `tasks`: those that run or are to run. */
export type StatusData = DemoData & { changes: Change[]; tasks: DemoTask[] };

export interface DestroyData extends Spent {
  removed: Resource[];
  kept: (Resource & { reason: string })[];
  /** What the scan for leftovers found; null: it was not made, or did not come to its end, so nothing is known. */
  left: Resource[] | null;
  /** Titles of the steps whose removal did not come to its end. Absent: all did. */
  unfinished?: string[];
  /** Only of a dry run: what would be deleted. */
  plan?: Change[];
}

/** One command of a smoke run. */
export interface SmokeCommand {
  /** As people type it: 'scale --count 4'. */
  command: string;
  /** 'skipped': one before it had failed. */
  status: 'passed' | 'failed' | 'skipped';
  durationMs: number;
  /** What the command gave, also where it failed. */
  data?: DemoData | DestroyData;
  error?: { code: string; message: string };
}

/** What became of it is as `destroy` tells it; where that was not run, nothing is known to be removed, kept or left. */
export interface SmokeData extends Pick<DestroyData, 'removed' | 'kept' | 'left' | 'unfinished'> {
  /** In the order in which they were run; one that was run again is there twice. */
  commands: SmokeCommand[];
  calls: CallCounts;
  durationMs: number;
}

/** What `doctor` found. */
export interface DoctorData {
  checks: Check[];
  calls: CallCounts;
  durationMs: number;
}

/** What `policy` prints. */
export interface PolicyData {
  commands: string[];
  policy: PolicyDocument;
  /** Who may take the role that has the policy; null: nobody was named. */
  trustPolicy: object | null;
  /** Of the policy, as IAM counts them. */
  characters: number;
  /** True: in places the tag alone says what is the demo's, since with names it would have been too long. */
  brief: boolean;
}

export interface SweptDemo {
  name: string;
  /** ISO times; null: nothing says. */
  createdAt: string | null;
  expiresAt: string | null;
  ageMs: number | null;
  /** USD, rough. */
  costPerHour: number;
  resources: Resource[];
  /** True when the sweep may take it. */
  matches: boolean;
  /** Why not, or what was kept of it. */
  reason?: string;
  /** Only after the sweep tried. */
  removed?: Resource[];
  error?: { code: string; message: string };
}

export interface SweepData {
  demos: SweptDemo[];
  calls: CallCounts;
  durationMs: number;
}
