// `ecsdemo sweep`: finds every demo of the account and region and destroys those that are due. Thin: the list, the
// question, the account of it after.
import * as Flags from '@oclif/core/flags';
import type { SweptDemo } from '../actions/results.ts';
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import type { Suggestion } from '../base/suggestion.ts';
import { chapters } from '../chapters/all.ts';
import { demoLines } from '../ui/sweep.ts';
import { sweptLines } from '../ui/verdict.ts';
import { confirm, refuseUnasked } from './ask.ts';
import { EcsdemoCommand, type Ending, type Talk } from './ecsdemo-command.ts';
import { viewOf } from './view.ts';
import { asking, dryRun, outputFlags, targetFlags } from './flags.ts';
import { open } from './open.ts';

const { name: _name, ...whereFlags } = targetFlags;

export class Sweep extends EcsdemoCommand {
  static override summary = 'Find every demo of the account and region, and destroy those that are due';
  static override examples = [
    {
      description: 'What is there, how old, at what cost; exits 1 when there is anything',
      command: 'ecsdemo sweep --dry-run',
    },
    { description: 'Every night', command: 'ecsdemo sweep --older-than 2h --name-prefix ci- --yes' },
    { description: 'What was made with `up --ttl` and is overdue', command: 'ecsdemo sweep --expired --yes' },
  ];
  static override flags = {
    ...whereFlags,
    'older-than': Flags.string({ description: 'Only demos at least so old', helpValue: '2h' }),
    expired: Flags.boolean({ description: 'Only demos whose expiry (up --ttl) has passed' }),
    'name-prefix': Flags.string({ description: 'Only demos whose name starts so', helpValue: 'ci-' }),
    ...dryRun,
    ...asking,
    ...outputFlags,
  };

  protected override afterInterrupt(): Suggestion[] {
    return [{ command: 'sweep', flags: { 'dry-run': true } }];
  }

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    const mustAsk = !asked.yes && !asked.local && !asked.dryRun;
    if (mustAsk) {
      const suggestions = [
        { command: 'sweep', flags: { 'dry-run': true } },
        { command: 'sweep', flags: { yes: true } },
      ] as const;
      refuseUnasked(asked, 'sweep asks before it deletes', suggestions, '--yes or --dry-run');
    }
    talk.say('looking for demos …');
    const [session, all, { survey, sweep }] = await Promise.all([
      open(chapters[0], asked, talk),
      Promise.all(chapters.map((entry) => entry.load())),
      import('../actions/sweep.ts'),
    ]);
    const agree = async (demos: readonly SweptDemo[]): Promise<void> => {
      talk.settle();
      const view = viewOf(talk.output);
      if (!talk.output.json) for (const line of demoLines(demos, view.paint, view.width)) view.out(line);
      if (!mustAsk) return;
      const { account, region } = await session.demo();
      const due = namesDue(demos);
      const [what, it] = due.length === 1 ? ['demo', 'it'] : [`these ${due.length} demos`, 'them'];
      const which = due.length === 1 ? due.join('') : `(${due.join(', ')})`;
      await confirm(
        `Delete ${what} ${which} with all that belongs to ${it} in account ${account}, region ${region}?`,
        talk.signal,
      );
    };
    const outcome = await (asked.dryRun ? survey(session, all) : sweep(session, all, agree));
    const where = outcome.demo === undefined ? {} : { demo: { ...outcome.demo, name: '*' } };
    const { data } = outcome;
    if (outcome.error !== undefined || data === undefined) return { ...outcome, ...where };
    const due = namesDue(data.demos);
    const show: Ending['show'] = ({ out, paint, width }) => {
      for (const line of demoLines(data.demos, paint, width)) out(line);
    };
    if (due.length === 0) return { ...outcome, ...where, show };
    if (asked.dryRun) return { ...outcome, ...where, show, error: foundError(due) };
    return {
      ...outcome,
      ...where,
      show({ talk: say }) {
        for (const line of sweptLines(data.demos)) say(line);
      },
    };
  }
}

function namesDue(demos: readonly SweptDemo[]): string[] {
  return demos.filter(({ matches }) => matches).map(({ name }) => name);
}

function foundError(due: readonly string[]): EcsdemoError {
  const are = due.length === 1 ? 'demo is' : 'demos are';
  return new EcsdemoError('demos-found', `${due.length} ${are} there that a sweep would remove: ${due.join(', ')}`, {
    suggestions: [{ flags: {}, without: ['dry-run', 'json'] }],
  });
}
