// `ecsdemo sandbox fault NAME`: switches a fault on in the running sandbox.
import { Args, Flags } from '@oclif/core';
import { integer } from '../../base/flag-values.ts';
import type { Settings } from '../../base/settings.ts';
import { scenarioOf, setFault } from '../../sandbox/control.ts';
import { EcsdemoCommand, type Outcome } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { faultNamed, faultText } from './fault-text.ts';
import { runningSandbox } from './running.ts';

const most = 1_000_000;

export class SandboxFault extends EcsdemoCommand {
  static override summary = 'Break something in the sandbox the way AWS breaks it';
  static override examples = [
    { description: 'The next three calls are throttled', command: 'ecsdemo sandbox fault throttling' },
    {
      description: 'The second launch finds no capacity, and so do those after it in that zone',
      command: 'ecsdemo sandbox fault insufficient-capacity --after 1',
    },
    {
      description: 'One action is not allowed until this is cleared',
      command: 'ecsdemo sandbox fault access-denied --operation ec2:RunInstances',
    },
    { description: 'All there are, and which are on', command: 'ecsdemo sandbox fault list' },
  ];
  static override args = {
    name: Args.string({ description: 'The fault; ecsdemo sandbox fault list names them' }),
  };
  static override flags = {
    after: Flags.string({ description: 'Let N matching calls or events pass first [default: 0]', helpValue: 'N' }),
    times: Flags.string({
      description: "Strike K times, then clear itself; 0: until it is cleared [default: the fault's own]",
      helpValue: 'K',
    }),
    operation: Flags.string({
      description: "Strike this operation in place of the fault's own; * stands for any",
      helpValue: 'service:Operation',
    }),
    zone: Flags.string({ description: 'The availability zone it is about, or any', helpValue: 'ZONE' }),
    ...outputFlags,
  };

  protected override async act(_settings: Settings): Promise<Outcome> {
    const { args, flags } = await this.parse(SandboxFault);
    const name = faultNamed(args.name);
    const after = flags.after === undefined ? undefined : integer(0, most)(flags.after, '--after');
    const times = flags.times === undefined ? undefined : integer(0, most)(flags.times, '--times');
    const fault = await setFault(await runningSandbox(), {
      name,
      ...(after === undefined ? {} : { after }),
      ...(times === undefined ? {} : { times }),
      ...(flags.operation === undefined ? {} : { operation: flags.operation }),
      ...(flags.zone === undefined ? {} : { zone: flags.zone }),
    });
    return {
      data: { fault },
      show({ talk }) {
        talk(`${fault.name}: ${scenarioOf(name).summary}`);
        talk(faultText(fault));
      },
    };
  }
}
