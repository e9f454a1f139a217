// `ecsdemo sandbox pace [PACE]`: how fast the running sandbox's time runs, or another pace for it.
import * as Args from '@oclif/core/args';
import { pace as paceFrom, type Settings } from '../../base/settings.ts';
import { changePace } from '../../sandbox/control.ts';
import { paceText } from '../../ui/format.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { runningSandbox } from './running.ts';

export class SandboxPace extends EcsdemoCommand {
  static override summary = 'Show how fast the running sandbox is, or make it faster or slower from now on';
  static override examples = [
    { description: 'Ten times faster than AWS', command: 'ecsdemo sandbox pace 10' },
    { description: 'As long as it takes on AWS', command: 'ecsdemo sandbox pace real' },
  ];
  static override args = {
    pace: Args.string({ description: "'fast', 'real', or N times faster than AWS; absent: shows it" }),
  };
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings): Promise<Ending> {
    const { args } = await this.parse(SandboxPace);
    const asked = args.pace === undefined ? undefined : paceFrom(args.pace, 'sandbox pace');
    const connection = await runningSandbox();
    const { pace, before } =
      asked === undefined ? { pace: connection.pace, before: connection.pace } : await changePace(connection, asked);
    return {
      data: { pace, before },
      show({ out, talk }) {
        out(pace);
        talk(pace === before ? paceText(pace) : `${paceText(pace)}; before it was ${before}`);
      },
    };
  }
}
