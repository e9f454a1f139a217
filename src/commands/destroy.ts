// `ecsdemo destroy`: step 7. Thin: the question before, the account of it after.
import { EcsdemoError } from '../base/errors.ts';
import { namesOf } from '../base/names.ts';
import type { Settings } from '../base/settings.ts';
import { chapters } from '../chapters/all.ts';
import { planLines, removalLines } from '../ui/summary.ts';
import { timingLines } from '../ui/timings.ts';
import { canAsk, confirm } from './ask.ts';
import { EcsdemoCommand, type Ending, type Talk } from './ecsdemo-command.ts';
import { adopt, dryRun, outputFlags, targetFlags, timings, yes } from './flags.ts';
import { open } from './open.ts';

export class Destroy extends EcsdemoCommand {
  static override summary = 'Delete all that belongs to the demo, and prove that nothing is left (step 7)';
  static override examples = [
    { description: 'On this machine', command: 'ecsdemo destroy --local' },
    { description: 'In a script', command: 'ecsdemo destroy --yes' },
    { description: 'What would be deleted', command: 'ecsdemo destroy --dry-run' },
  ];
  static override flags = { ...targetFlags, ...dryRun, ...timings, ...adopt, ...yes, ...outputFlags };

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    const mustAsk = !asked.yes && !asked.local && !asked.dryRun;
    if (mustAsk && !canAsk()) {
      throw new EcsdemoError('usage', 'destroy asks before it deletes, and here is no terminal to ask on: pass --yes', {
        suggestions: [{ command: 'destroy', flags: { yes: true } }],
      });
    }
    talk.say(`${asked.dryRun ? 'looking for' : 'removing'} demo ${asked.demo} …`);
    const [session, { destroy }] = await Promise.all([open(chapters[0], asked, talk), import('../actions/destroy.ts')]);
    if (mustAsk) {
      const demo = await session.demo();
      talk.identify(demo);
      const { cluster, service, loadBalancer } = namesOf(asked.demo);
      talk.settle();
      await confirm(
        `Delete ${service}, ${loadBalancer}, ${cluster} with its instances and all else of demo ${asked.demo} in account ${demo.account}, region ${demo.region}?`,
        talk.signal,
      );
    }
    const outcome = await destroy(session);
    const { data, error } = outcome;
    if (data === undefined) return outcome;
    return {
      ...outcome,
      show({ out, paint, width }) {
        const lines = data.plan === undefined ? removalLines(data, paint, width) : planLines(data.plan, paint, width);
        for (const line of lines) out(line);
        if (asked.timings && error === undefined) for (const line of timingLines(data.timings, width)) out(line);
      },
    };
  }
}
