// `ecsdemo verify`: step 5. Thin: the checks are the chapter's, here they are shown.
import type { Settings } from '../base/settings.ts';
import { checkLines } from '../ui/summary.ts';
import { verifyText } from '../ui/verdict.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { type Ending, type Talk } from './ecsdemo-command.ts';
import { answerFlags, onInstance, outputFlags, reportFlags, targetFlags } from './flags.ts';
import { open } from './open.ts';

export class Verify extends ChapterCommand {
  static override told: Told = {
    verb: 'verify',
    summary: ({ steps }) =>
      `Check every link from the load balancer to the tasks and prove the answer (step ${steps.at(-1)?.tutorialStep})`,
    examples: [
      ['On this machine', { local: true }],
      ['Also from the inside of the container instance', { 'on-instance': true }],
    ],
    flags: () => ({ ...targetFlags, ...answerFlags, ...onInstance, ...reportFlags, ...outputFlags }),
  };

  protected override readonly onlyReads = true;
  protected override readonly tellsChecks = false;

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    talk.say(`checking demo ${asked.demo} …`);
    const [session, { verify }] = await Promise.all([open(this.entry, asked, talk), import('../actions/verify.ts')]);
    const outcome = await verify(session);
    const { data, error } = outcome;
    return {
      ...outcome,
      // The checks are the command's data: they are shown also when one of them is the failure.
      show({ out, talk: say, paint, width }) {
        for (const line of checkLines(data?.checks ?? [], paint, width)) out(line);
        if (error !== undefined) return;
        const verdict = verifyText(data);
        if (verdict !== undefined) say(verdict);
        if (data.url !== null) out(data.url);
      },
    };
  }
}
