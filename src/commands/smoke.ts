// `ecsdemo smoke`: the whole demo as a job, made, proven, scaled, proven and taken away. Thin: flags, the question about cost,
// the account of it after.
import { randomBytes } from 'node:crypto';
import * as Flags from '@oclif/core/flags';
import type { SmokeData } from '../actions/results.ts';
import { smokeSteps, type SmokePlan } from '../actions/smoke-plan.ts';
import { standInFor } from '../base/aws-environment.ts';
import { EcsdemoError } from '../base/errors.ts';
import { flagOnOff, integer, listOf, oneOf, refuse, type Parse } from '../base/flag-values.ts';
import { runName } from '../base/run-name.ts';
import { defaults, valueOf, type GivenFlags, type Settings } from '../base/settings.ts';
import type { Suggestion } from '../base/suggestion.ts';
import { leftWords, smokeLines } from '../ui/smoke.ts';
import { leftCount } from '../ui/summary.ts';
import { canAsk, confirm, refuseUnasked } from './ask.ts';
import { demoPrice } from './bill.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { type Ending, type Talk } from './ecsdemo-command.ts';
import { answerFlags, asking, outputFlags, reportFlags, pace, targetFlags, upFlags } from './flags.ts';
import { open } from './open.ts';
import { refuseEarly } from './refuse-early.ts';

/** The tutorial's step 6. */
const usualCount = 4;

const ownFlags = {
  count: Flags.string({ description: 'Scale to so many tasks, and back to one [default: 4]', helpValue: 'N' }),
  steps: Flags.string({
    description: `What is done before destroy, comma-separated [default: ${smokeSteps.join(',')}]`,
    helpValue: 'STEP,STEP',
  }),
  keep: Flags.boolean({ description: 'After a failure leave the demo as it is, to look at it' }),
  retry: Flags.boolean({ description: 'Run a command that failed once more, where that may help' }),
};

export class Smoke extends ChapterCommand {
  static override told: Told = {
    verb: 'smoke',
    summary: () => 'Make the demo, prove it, scale it, prove it again, destroy it and prove that nothing is left',
    examples: [
      ['A pull request, without an AWS account', { local: true }],
      ['Every night', { account: '123456789012', region: 'us-east-1' }],
    ],
    flags: () => ({
      ...targetFlags,
      ...ownFlags,
      ...upFlags,
      ...answerFlags,
      ...pace,
      ...asking,
      ...reportFlags,
      ...outputFlags,
    }),
  };

  protected override readonly cleansUp = true;

  protected override unasked(): GivenFlags {
    return { name: runName(process.env, randomBytes(4).toString('hex')), ttl: '2h' };
  }

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    const plan = await this.plan();
    if (!asked.local && asked.account === undefined && process.env['CI']) {
      throw new EcsdemoError(
        'usage',
        'in CI smoke works only on the account that it is told, and --account is missing',
        {
          suggestions: [{ flags: { account: '123456789012' } }, { flags: { local: true } }],
        },
      );
    }
    await refuseEarly(asked, this.entry);
    const isBilled = !asked.local && standInFor(process.env) === undefined;
    const unasked = isBilled && !asked.yes;
    if (unasked && asked.noInput === true)
      refuseUnasked(asked, 'smoke asks before it makes what costs money', [{ flags: { yes: true } }]);
    talk.say(`smoke run of demo ${asked.demo} ${asked.local ? 'on the local sandbox' : 'on AWS'}`);
    const { count: _count, ...settings } = asked;
    const [session, { smoke }] = await Promise.all([open(this.entry, settings, talk), import('../actions/smoke.ts')]);
    if (unasked && canAsk(asked)) {
      const demo = await session.demo();
      talk.identify(demo);
      talk.settle();
      await confirm(
        `Account ${demo.account}, region ${demo.region}: a whole demo is made, which costs ${demoPrice(asked)} while it stands, and taken away again. Go on?`,
        talk.signal,
      );
    }
    const outcome = await smoke(session, plan);
    const { data, error } = outcome;
    const remarks = data === undefined ? [] : [leftWords(data)];
    return {
      ...outcome,
      remarks,
      ...(error !== undefined && data !== undefined && { error: withAftermath(error, data) }),
      show({ out, paint, width }) {
        if (data !== undefined) for (const line of smokeLines(data, paint, width)) out(line);
      },
    };
  }

  /** @throws EcsdemoError `usage` */
  private async plan(): Promise<SmokePlan> {
    const { flags } = (await this.parse(this.ctor)) as { flags: GivenFlags };
    const read = <Value>(flag: string, parse: Parse<Value>): Value | undefined =>
      valueOf(flags, process.env, flag, parse);
    const steps = read('steps', stepsWithUp) ?? smokeSteps;
    return {
      steps: smokeSteps.filter((step) => steps.includes(step)),
      count: read('count', integer(1, defaults.countMax)) ?? usualCount,
      keep: read('keep', flagOnOff) ?? false,
      retry: read('retry', flagOnOff) ?? false,
    };
  }
}

/** @throws EcsdemoError `usage` also without `up`: a smoke run works on what it made itself */
const stepsWithUp: Parse<string[]> = (text, source) => {
  const steps = listOf(oneOf(smokeSteps, 'a step of a smoke run'), 1)(text, source);
  if (!steps.includes('up')) {
    refuse(source, text, 'lacks up: a smoke run works on what it made itself', {
      flags: { steps: ['up', ...steps].join(',') },
    });
  }
  return steps;
};

/** The cause, and what became of the demo: after Ctrl-C in its sentence, and a way to take away what stays. */
function withAftermath(error: EcsdemoError, data: SmokeData): EcsdemoError {
  const clean = leftCount(data) === 0;
  const destroy: Suggestion[] = clean ? [] : [{ command: 'destroy' }];
  if (error.code !== 'interrupted') {
    error.suggestions = [...error.suggestions.map(asSmoke), ...destroy];
    return error;
  }
  return new EcsdemoError('interrupted', `interrupted; ${leftWords(data)}`, { suggestions: destroy, retryable: true });
}

/** What would be an `up` that nobody takes away is a smoke run again. */
function asSmoke(suggestion: Suggestion): Suggestion {
  const isUp = typeof suggestion === 'object' && 'command' in suggestion && suggestion.command === 'up';
  return isUp ? { ...suggestion, command: 'smoke' } : suggestion;
}
