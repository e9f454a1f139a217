// `ecsdemo sandbox fault NAME`: switches a fault on in the running sandbox.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { integer, shaped } from '../../base/flag-values.ts';
import { present } from '../../base/present.ts';
import { valueOf, type Settings } from '../../base/settings.ts';
import { scenarioOf, setFault } from '../../sandbox/control.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { faultNamed, faultText } from './fault-text.ts';
import { runningSandbox } from './running.ts';

const most = 1_000_000;
// Which operations and zones there are, the sandbox knows; what can be none is refused before it is asked.
const operationName = shaped(
  /^[a-z0-9*]{1,24}:[A-Za-z0-9*]{1,64}$/,
  'of the form service:Operation',
  'ec2:RunInstances',
);
const zoneName = shaped(/^(any|[a-z]{2}(-[a-z]+)+-\d[a-z])$/, 'an availability zone', 'us-east-1a, or any');

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

  protected override async act(_settings: Settings): Promise<Ending> {
    const { args, flags } = await this.parse(SandboxFault);
    const name = faultNamed(args.name);
    const after = valueOf(flags, process.env, 'after', integer(0, most));
    const times = valueOf(flags, process.env, 'times', integer(0, most));
    const operation = valueOf(flags, process.env, 'operation', operationName);
    const zone = valueOf(flags, process.env, 'zone', zoneName);
    const fault = await setFault(await runningSandbox(), present({ name, after, times, operation, zone }));
    return {
      data: { fault },
      show({ talk }) {
        talk(`${fault.name}: ${scenarioOf(name).summary}`);
        talk(faultText(fault));
      },
    };
  }
}
