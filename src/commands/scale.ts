// `ecsdemo scale`: step 6. Thin.
import * as Flags from '@oclif/core/flags';
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import { costText, tasksText } from '../ui/summary.ts';
import { EcsdemoCommand, type Outcome, type Session } from './ecsdemo-command.ts';
import { answerFlags, outputFlags, targetFlags } from './flags.ts';
import { connect } from './local.ts';

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

  protected override async act(asked: Settings, session: Session): Promise<Outcome> {
    if (asked.count === undefined && asked.instances === undefined) {
      throw new EcsdemoError('usage', 'scale needs --count or --instances', {
        suggestions: [{ command: 'scale', flags: { count: 4 } }],
      });
    }
    session.say(`scaling demo ${asked.demo} …`);
    const [settings, { scale }] = await Promise.all([connect(asked, session), import('../program.ts')]);
    const { demo, data, warnings } = await scale(settings, session.report, session.signal);
    return {
      demo,
      data,
      warnings,
      show({ out, talk }) {
        talk(`${tasksText(data)}, ${costText(data)}`);
        if (data.url !== undefined && data.url !== null) out(data.url);
        talk(`Next: ${session.commandText('verify')}   Clean up: ${session.commandText('destroy')}`);
      },
    };
  }
}
