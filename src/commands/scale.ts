// `ecsdemo scale`: step 6. Thin.
import * as Flags from '@oclif/core/flags';
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import { chapters } from '../chapters/all.ts';
import { costText, tasksText } from '../ui/summary.ts';
import { EcsdemoCommand, type Ending, type Talk } from './ecsdemo-command.ts';
import { answerFlags, outputFlags, targetFlags } from './flags.ts';
import { open } from './open.ts';

export class Scale extends EcsdemoCommand {
  static override summary = 'Run this many tasks, or container instances, and wait until all are healthy (step 6)';
  static override examples = [
    { description: "The tutorial's four tasks", command: 'ecsdemo scale --count 4 --local' },
    { description: 'A second container instance for them', command: 'ecsdemo scale --instances 2' },
  ];
  static override flags = {
    ...targetFlags,
    count: Flags.string({ description: 'How many tasks [default: as many as there are]', helpValue: 'N' }),
    instances: Flags.string({
      description: 'How many container instances [default: as many as there are]',
      helpValue: 'N',
    }),
    ...answerFlags,
    ...outputFlags,
  };

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    if (asked.count === undefined && asked.instances === undefined) {
      throw new EcsdemoError('usage', 'scale needs --count or --instances', {
        suggestions: [{ command: 'scale', flags: { count: 4 } }],
      });
    }
    talk.say(`scaling demo ${asked.demo} …`);
    const [session, { scale }] = await Promise.all([open(chapters[0], asked, talk), import('../actions/scale.ts')]);
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
