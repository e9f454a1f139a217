// `ecsdemo sweep`: finds every demo of the account and region and destroys those that are due. Thin: the list, the
// question, the account of it after.
import * as Flags from '@oclif/core/flags';
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import type { Suggestion } from '../base/suggestion.ts';
import { demoLines } from '../ui/sweep.ts';
import { canAsk, confirm } from './ask.ts';
import { EcsdemoCommand, viewOf, type Outcome, type Session } from './ecsdemo-command.ts';
import { dryRun, outputFlags, targetFlags, yes } from './flags.ts';
import { connect } from './local.ts';

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
    ...yes,
    ...outputFlags,
  };

  protected override afterInterrupt(): Suggestion[] {
    return [{ command: 'sweep', flags: { 'dry-run': true } }];
  }

  protected override async act(asked: Settings, session: Session): Promise<Outcome> {
    const mustAsk = !asked.yes && !asked.local && !asked.dryRun;
    if (mustAsk && !canAsk()) {
      throw new EcsdemoError(
        'usage',
        'sweep asks before it deletes, and here is no terminal to ask on: pass --yes or --dry-run',
        {
          suggestions: [
            { command: 'sweep', flags: { 'dry-run': true } },
            { command: 'sweep', flags: { yes: true } },
          ],
        },
      );
    }
    session.say('looking for demos …');
    const startedAt = Date.now();
    const [settings, { survey, sweep, countCalls }] = await Promise.all([
      connect(asked, session),
      import('../sweep.ts'),
    ]);
    const { report, counts } = countCalls(session.report);
    const { demo, data: found, warnings } = await survey(settings, report, session.signal);
    const where = { ...demo, name: '*' };
    session.identify(where);
    const whole = (data: object) => ({ ...data, calls: counts(), durationMs: Date.now() - startedAt });
    const due = found.demos.filter(({ matches }) => matches);
    const show: Outcome['show'] = ({ out, paint, width }) => {
      for (const line of demoLines(found.demos, paint, width)) out(line);
    };
    if (asked.dryRun && due.length > 0) {
      if (!session.output.json) {
        session.settle();
        show(viewOf(session.output));
      }
      throw new EcsdemoError(
        'demos-found',
        `${due.length} ${due.length === 1 ? 'demo is' : 'demos are'} there that a sweep would remove: ${due.map(({ name }) => name).join(', ')}`,
        {
          suggestions: [{ flags: {}, without: ['dry-run', 'json'] }],
          partial: whole(found),
        },
      );
    }
    if (due.length === 0) return { demo: where, data: whole(found), warnings, show };
    session.settle();
    if (!session.output.json) show(viewOf(session.output));
    if (mustAsk) {
      await confirm(
        `Delete ${due.length === 1 ? `demo ${due[0]?.name ?? ''}` : `these ${due.length} demos (${due.map(({ name }) => name).join(', ')})`} with all that belongs to ${due.length === 1 ? 'it' : 'them'} in account ${demo.account}, region ${demo.region}?`,
        session.signal,
      );
    }
    try {
      const data = await sweep(found, settings, report, session.signal);
      return {
        demo: where,
        data: whole(data),
        warnings,
        show: ({ talk }) =>
          talk(
            `removed ${due.length} ${due.length === 1 ? 'demo' : 'demos'}: ${due.map(({ name }) => name).join(', ')}`,
          ),
      };
    } catch (error) {
      if (error instanceof EcsdemoError && typeof error.partial === 'object' && error.partial !== null)
        error.partial = whole(error.partial);
      throw error;
    }
  }
}
