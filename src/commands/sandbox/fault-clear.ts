// `ecsdemo sandbox fault clear [NAME]`: switches a fault off, or all, and ends what they still hold.
import * as Args from '@oclif/core/args';
import type { Settings } from '../../base/settings.ts';
import { clearFaults } from '../../sandbox/control.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { faultNamed } from './fault-text.ts';
import { runningSandbox } from './running.ts';

export class SandboxFaultClear extends EcsdemoCommand {
  static override summary = 'Switch one fault off, or all';
  static override examples = ['ecsdemo sandbox fault clear', 'ecsdemo sandbox fault clear throttling'];
  static override args = { name: Args.string({ description: 'The fault; absent: all' }) };
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings): Promise<Ending> {
    const { args } = await this.parse(SandboxFaultClear);
    const name = args.name === undefined ? undefined : faultNamed(args.name);
    const cleared = await clearFaults(await runningSandbox(), name);
    return {
      data: { cleared },
      show({ talk }) {
        talk(cleared.length === 0 ? 'none was on' : `cleared: ${cleared.map((fault) => fault.name).join(', ')}`);
      },
    };
  }
}
