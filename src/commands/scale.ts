// `ecsdemo scale`: step 6. Thin.
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import { costText, nextLines } from '../ui/summary.ts';
import { tasksText } from '../ui/verdict.ts';
import { confirm, refuseUnasked } from './ask.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { type Ending, type Talk } from './ecsdemo-command.ts';
import { answerFlags, asking, outputFlags, reportFlags, scaleFlags, targetFlags } from './flags.ts';
import { open } from './open.ts';

export class Scale extends ChapterCommand {
  static override told: Told = {
    verb: 'scale',
    summary: ({ numbers }) =>
      `Run this many tasks, or container instances, and wait until all are healthy (step ${numbers.scale})`,
    examples: [
      ["The tutorial's four tasks", { count: 4, local: true }],
      ['A second container instance for them', { instances: 2 }],
    ],
    flags: () => ({ ...targetFlags, ...scaleFlags, ...answerFlags, ...asking, ...reportFlags, ...outputFlags }),
  };

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    if (asked.count === undefined && asked.instances === undefined) {
      throw new EcsdemoError('usage', 'scale needs --count or --instances', {
        suggestions: [{ command: 'scale', flags: { count: 4 } }],
      });
    }
    const stops = stoppedBy(asked);
    const mustAsk = stops !== undefined && !asked.local && !asked.yes;
    if (mustAsk) {
      refuseUnasked(asked, `scale asks before it stops ${stops}`, [{ flags: { yes: true } }]);
      talk.say(`looking for demo ${asked.demo} …`);
    }
    const scaling = `scaling demo ${asked.demo} …`;
    if (!mustAsk) talk.say(scaling);
    const [session, { scale }] = await Promise.all([open(this.entry, asked, talk), import('../actions/scale.ts')]);
    if (mustAsk) {
      const demo = await session.demo();
      talk.identify(demo);
      talk.settle();
      await confirm(
        `Stop ${stops} of demo ${asked.demo} in account ${demo.account}, region ${demo.region}? It answers nobody then.`,
        talk.signal,
      );
      talk.say(scaling);
    }
    const outcome = await scale(session);
    const { data, error } = outcome;
    if (error !== undefined) return outcome;
    return {
      ...outcome,
      show({ out, talk: say, whole }) {
        say(`${tasksText(data)}, ${costText(data)}`);
        if (data.url !== null) out(data.url);
        for (const line of nextLines([
          ['Next', talk.commandText('verify')],
          ['Clean up', talk.commandText('destroy')],
        ]))
          whole(line);
      },
    };
  }
}

/** What the run would take away to the last one, which nobody should do by a slip; undefined: there is something left. */
function stoppedBy({ count, instances }: Settings): string | undefined {
  if (instances === 0) return 'every task and container instance';
  return count === 0 ? 'every task' : undefined;
}
