// `ecsdemo sandbox kill task|instance [ID]`: kills one, so that people can watch ECS heal itself.
import * as Args from '@oclif/core/args';
import { EcsdemoError } from '../../base/errors.ts';
import type { Settings } from '../../base/settings.ts';
import { killOne } from '../../sandbox/control.ts';
import { counted } from '../../base/counted.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { runningSandbox } from './running.ts';

export class SandboxKill extends EcsdemoCommand {
  static override summary = 'Kill a task or a container instance, to watch ECS heal itself';
  static override examples = [
    { description: 'Any running task: its service starts another', command: 'ecsdemo sandbox kill task' },
    { description: 'Any container instance, with the tasks on it', command: 'ecsdemo sandbox kill instance' },
  ];
  static override args = {
    what: Args.string({ description: 'task or instance' }),
    id: Args.string({ description: 'Its id or ARN; absent: any one that runs' }),
  };
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings): Promise<Ending> {
    const { args } = await this.parse(SandboxKill);
    const { what, id } = args;
    if (what !== 'task' && what !== 'instance') {
      const message =
        what === undefined ? 'sandbox kill needs task or instance' : `"${what}" is neither task nor instance`;
      throw new EcsdemoError('usage', message, {
        suggestions: [
          { command: 'sandbox kill', args: ['task'] },
          { command: 'sandbox kill', args: ['instance'] },
        ],
      });
    }
    const killed = await killOne(await runningSandbox(), what, id);
    return {
      data: killed,
      show({ out, talk }) {
        out(killed.id);
        const heals = 'the service that it is of, if any, starts another';
        const loses = `${counted(killed.tasks.length, 'task')} ended with it; up --local of its demo launches another instance`;
        talk(`${what} killed: ${what === 'task' ? heals : loses}`);
      },
    };
  }
}
