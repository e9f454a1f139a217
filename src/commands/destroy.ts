// `ecsdemo destroy`: step 7. Thin: the question before, the account of it after.
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import { planLines, removalLines } from '../ui/summary.ts';
import { timingLines } from '../ui/timings.ts';
import { canAsk, confirm } from './ask.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { type Ending, type Talk } from './ecsdemo-command.ts';
import { adopt, dryRun, outputFlags, reportFlags, targetFlags, timings, yes } from './flags.ts';
import { open } from './open.ts';

/** What people know a demo by. */
const knownBy = ['AWS::ECS::Service', 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ECS::Cluster'];

export class Destroy extends ChapterCommand {
  static override told: Told = {
    verb: 'destroy',
    summary: ({ numbers }) =>
      `Delete all that belongs to the demo, and prove that nothing is left (step ${numbers.remove})`,
    examples: [
      ['On this machine', { local: true }],
      ['In a script', { yes: true }],
      ['What would be deleted', { 'dry-run': true }],
    ],
    flags: () => ({ ...targetFlags, ...dryRun, ...timings, ...adopt, ...yes, ...reportFlags, ...outputFlags }),
  };

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    const mustAsk = !asked.yes && !asked.local && !asked.dryRun;
    if (mustAsk && !canAsk()) {
      throw new EcsdemoError('usage', 'destroy asks before it deletes, and here is no terminal to ask on: pass --yes', {
        suggestions: [{ command: 'destroy', flags: { yes: true } }],
      });
    }
    talk.say(`${asked.dryRun ? 'looking for' : 'removing'} demo ${asked.demo} …`);
    const [session, { destroy }] = await Promise.all([open(this.entry, asked, talk), import('../actions/destroy.ts')]);
    if (mustAsk) {
      const demo = await session.demo();
      talk.identify(demo);
      const names = session.chapter.names(asked.demo);
      const known = knownBy.flatMap((type) => names[type] ?? []).join(', ');
      talk.settle();
      await confirm(
        `Delete ${known} with its instances and all else of demo ${asked.demo} in account ${demo.account}, region ${demo.region}?`,
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
