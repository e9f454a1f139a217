// `ecsdemo scale`: step 6. Thin.
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import { costText, tasksText } from '../ui/summary.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { type Ending, type Talk } from './ecsdemo-command.ts';
import { answerFlags, outputFlags, reportFlags, scaleFlags, targetFlags } from './flags.ts';
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
    flags: () => ({ ...targetFlags, ...scaleFlags, ...answerFlags, ...reportFlags, ...outputFlags }),
  };

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    if (asked.count === undefined && asked.instances === undefined) {
      throw new EcsdemoError('usage', 'scale needs --count or --instances', {
        suggestions: [{ command: 'scale', flags: { count: 4 } }],
      });
    }
    talk.say(`scaling demo ${asked.demo} …`);
    const [session, { scale }] = await Promise.all([open(this.entry, asked, talk), import('../actions/scale.ts')]);
    const outcome = await scale(session);
    const { data, error } = outcome;
    if (error !== undefined) return outcome;
    return {
      ...outcome,
      show({ out, talk: say }) {
        say(`${tasksText(data)}, ${costText(data)}`);
        if (data.url !== null) out(data.url);
        say(`Next: ${talk.commandText('verify')}   Clean up: ${talk.commandText('destroy')}`);
      },
    };
  }
}
