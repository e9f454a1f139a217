// `ecsdemo destroy`: step 7. Thin: the question before, the account of it after.
import type { Settings } from '../base/settings.ts';
import { removalLines } from '../ui/summary.ts';
import { timingLines } from '../ui/timings.ts';
import { confirm, refuseUnasked } from './ask.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { type Ending, type Talk } from './ecsdemo-command.ts';
import { adopt, asking, dryRun, outputFlags, reportFlags, targetFlags, timings } from './flags.ts';
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
    flags: () => ({ ...targetFlags, ...dryRun, ...timings, ...adopt, ...asking, ...reportFlags, ...outputFlags }),
  };

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    const mustAsk = !asked.yes && !asked.local && !asked.dryRun;
    if (mustAsk) refuseUnasked(asked, 'destroy asks before it deletes', [{ command: 'destroy', flags: { yes: true } }]);
    const removing = `removing demo ${asked.demo} …`;
    // What is only asked for is not being done.
    talk.say(mustAsk || asked.dryRun ? `looking for demo ${asked.demo} …` : removing);
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
      talk.say(removing);
    }
    const outcome = await destroy(session);
    const { data, error } = outcome;
    if (data === undefined) return outcome;
    return {
      ...outcome,
      show({ out, talk: say, paint, width }) {
        for (const line of removalLines(data, paint, width)) out(line);
        if (asked.timings && error === undefined) for (const line of timingLines(data.timings, width)) out(line);
        if (asked.local && data.left?.length === 0) say('the sandbox itself runs on: ecsdemo sandbox stop');
      },
    };
  }
}
