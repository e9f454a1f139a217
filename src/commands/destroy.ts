// `ecsdemo destroy`: step 7. Thin: the question before, the account of it after.
import { EcsdemoError } from '../base/errors.ts';
import { namesOf } from '../base/names.ts';
import type { Settings } from '../base/settings.ts';
import { planLines, removalLines, type RemovalData } from '../ui/summary.ts';
import { timingLines } from '../ui/timings.ts';
import { canAsk, confirm } from './ask.ts';
import { EcsdemoCommand, viewOf, type Outcome, type Session } from './ecsdemo-command.ts';
import { adopt, dryRun, outputFlags, targetFlags, timings, yes } from './flags.ts';
import { connect } from './local.ts';

export class Destroy extends EcsdemoCommand {
  static override summary = 'Delete all that belongs to the demo, and prove that nothing is left (step 7)';
  static override examples = [
    { description: 'On this machine', command: 'ecsdemo destroy --local' },
    { description: 'In a script', command: 'ecsdemo destroy --yes' },
    { description: 'What would be deleted', command: 'ecsdemo destroy --dry-run' },
  ];
  static override flags = { ...targetFlags, ...dryRun, ...timings, ...adopt, ...yes, ...outputFlags };

  protected override async act(asked: Settings, session: Session): Promise<Outcome> {
    const mustAsk = !asked.yes && !asked.local && !asked.dryRun;
    if (mustAsk && !canAsk()) {
      throw new EcsdemoError('usage', 'destroy asks before it deletes, and here is no terminal to ask on: pass --yes', {
        suggestions: [{ command: 'destroy', flags: { yes: true } }],
      });
    }
    session.say(`${asked.dryRun ? 'looking for' : 'removing'} demo ${asked.demo} …`);
    const [settings, { destroy, identify }] = await Promise.all([connect(asked, session), import('../program.ts')]);
    if (mustAsk) {
      const demo = await identify(settings, session.report);
      session.identify(demo);
      const { cluster, service, loadBalancer } = namesOf(settings.demo);
      session.settle();
      await confirm(
        `Delete ${service}, ${loadBalancer}, ${cluster} with its instances and all else of demo ${settings.demo} in account ${demo.account ?? '?'}, region ${demo.region ?? '?'}?`,
        session.signal,
      );
    }
    try {
      const { demo, data, warnings } = await destroy(settings, session.report, session.signal);
      return {
        demo,
        data,
        warnings,
        show({ out, paint, width }) {
          const lines = data.plan === undefined ? removalLines(data, paint, width) : planLines(data.plan, paint, width);
          for (const line of lines) out(line);
          if (asked.timings) for (const line of timingLines(data.timings, width)) out(line);
        },
      };
    } catch (error) {
      const data = error instanceof EcsdemoError ? removalOf(error.partial) : undefined;
      if (data !== undefined && !session.output.json) {
        session.settle();
        const { out, paint, width } = viewOf(session.output);
        for (const line of removalLines(data, paint, width)) out(line);
      }
      throw error;
    }
  }
}

function removalOf(partial: unknown): RemovalData | undefined {
  return typeof partial === 'object' &&
    partial !== null &&
    'removed' in partial &&
    'left' in partial &&
    'kept' in partial
    ? (partial as RemovalData)
    : undefined;
}
