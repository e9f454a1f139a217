// `ecsdemo verify`: step 5. Thin: the checks are the chapter's, here they are shown.
import type { Settings } from '../base/settings.ts';
import { chapters } from '../chapters/all.ts';
import { checkLines } from '../ui/summary.ts';
import { EcsdemoCommand, type Ending, type Talk } from './ecsdemo-command.ts';
import { answerFlags, outputFlags, targetFlags } from './flags.ts';
import { open } from './open.ts';
import * as Flags from '@oclif/core/flags';

export class Verify extends EcsdemoCommand {
  static override summary = 'Check every link from the load balancer to the tasks and prove the answer (step 5)';
  static override examples = [
    { description: 'On this machine', command: 'ecsdemo verify --local' },
    { description: 'Also from the inside of the container instance', command: 'ecsdemo verify --on-instance' },
  ];
  static override flags = {
    ...targetFlags,
    ...answerFlags,
    'on-instance': Flags.boolean({ description: 'Also run docker ps and curl on the container instance, through SSM' }),
    ...outputFlags,
  };

  protected override readonly onlyReads = true;

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    talk.say(`checking demo ${asked.demo} …`);
    const [session, { verify }] = await Promise.all([open(chapters[0], asked, talk), import('../actions/verify.ts')]);
    const outcome = await verify(session);
    const { data, error } = outcome;
    return {
      ...outcome,
      // The checks are the command's data: they are shown also when one of them is the failure.
      show({ out, talk: say, paint, width }) {
        for (const line of checkLines(data?.checks ?? [], paint, width, talk.invocation)) out(line);
        if (error === undefined && data.url !== null) say(data.url);
      },
    };
  }
}
