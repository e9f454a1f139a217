// The actions as a command runs them: one session each, closed at the end, and a failure thrown. What is known of it all the
// same is found by `dataOf`.
import { destroy as destroyAction } from '../../src/actions/destroy.ts';
import { doctor as doctorAction } from '../../src/actions/doctor.ts';
import type { Outcome, SweepData } from '../../src/actions/results.ts';
import { scale as scaleAction } from '../../src/actions/scale.ts';
import { openSession, type Session } from '../../src/actions/session.ts';
import { status as statusAction } from '../../src/actions/status.ts';
import { survey as surveyAction, sweep as sweepAction } from '../../src/actions/sweep.ts';
import { up as upAction } from '../../src/actions/up.ts';
import { verify as verifyAction } from '../../src/actions/verify.ts';
import type { Settings } from '../../src/base/settings.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import type { Report } from '../../src/engine/types.ts';

const known = new WeakMap<object, unknown>();

/** The data that came with the failure; undefined: none did. */
export function dataOf(error: unknown): unknown {
  return known.get(error as object);
}

function inSession<Data>(action: (session: Session) => Promise<Outcome<Data>>) {
  return async (settings: Settings, report: Report, signal: AbortSignal) => {
    const session = openSession(tutorial, settings, report, signal);
    try {
      const outcome = await action(session);
      if (outcome.error === undefined) return outcome;
      known.set(outcome.error, outcome.data);
      throw outcome.error;
    } finally {
      session.close();
    }
  };
}

export const up = inSession((session) => upAction(session));
export const status = inSession((session) => statusAction(session));
export const verify = inSession((session) => verifyAction(session));
export const scale = inSession((session) => scaleAction(session));
export const destroy = inSession((session) => destroyAction(session));
export const doctor = inSession((session) => doctorAction(session));
export const survey = inSession<SweepData>((session) => surveyAction(session, [tutorial]));
export const sweep = inSession<SweepData>((session) => sweepAction(session, [tutorial]));
