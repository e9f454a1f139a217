// `ecsdemo doctor`: what would keep `up` from working, before it is run. Thin: the checks are the action's and the chapter's,
// those of the sandbox itself are here, since nothing else knows of it.
import type { DoctorData } from '../actions/results.ts';
import { sandboxDir } from '../sandbox/control.ts';
import type { Settings } from '../base/settings.ts';
import { checksText } from '../ui/told.ts';
import { checkLines, costText } from '../ui/summary.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { type Ending, type Talk } from './ecsdemo-command.ts';
import { outputFlags, reportFlags, targetFlags, upFlags } from './flags.ts';
import { open } from './open.ts';

const { 'instance-type': instanceType, 'vpc-id': vpcId, 'subnet-ids': subnetIds } = upFlags;

export class Doctor extends ChapterCommand {
  static override told: Told = {
    verb: 'doctor',
    summary: () =>
      'Look for what would keep up from working: this machine, the credentials, the account. Makes nothing',
    examples: [
      ['The account and region of this shell', {}],
      ['Another instance type', { 'instance-type': 't4g.small' }],
      ['The sandbox', { local: true }],
    ],
    flags: () => ({
      ...targetFlags,
      'instance-type': instanceType,
      'vpc-id': vpcId,
      'subnet-ids': subnetIds,
      ...reportFlags,
      ...outputFlags,
    }),
  };

  protected override readonly onlyReads = true;
  protected override readonly tellsChecks = false;

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    talk.say(`looking at what demo ${asked.demo} needs …`);
    const [session, { doctor }] = await Promise.all([open(this.entry, asked, talk), import('../actions/doctor.ts')]);
    const more = asked.local ? [(await import('./doctor-sandbox.ts')).sandboxCheck(sandboxDir(process.env))] : [];
    const outcome = await doctor(session, more);
    const { data, error } = outcome;
    return {
      ...outcome,
      // They are the command's data: shown also when one of them is the failure.
      show({ out, talk: say, paint, width }) {
        for (const line of checkLines(data?.checks ?? [], paint, width)) out(line);
        if (error === undefined) say(endText(data));
      },
    };
  }
}

function endText(data: DoctorData): string {
  return `${checksText(data.checks)} ${costText(data)}`;
}
