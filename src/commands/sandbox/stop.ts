// `ecsdemo sandbox stop`: ends the process with its tasks and ports; its world stays on disk for the next start.
import { findSandbox, sandboxDir, stopSandbox } from '../../sandbox/control.ts';
import type { Settings } from '../../base/settings.ts';
import { EcsdemoCommand, type Ending, type Talk } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';

export class SandboxStop extends EcsdemoCommand {
  static override summary = 'Stop the local sandbox; what was made in it is there again at the next start';
  static override examples = ['ecsdemo sandbox stop'];
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings, talk: Talk): Promise<Ending> {
    const dir = sandboxDir(process.env);
    const found = await findSandbox(dir);
    if (found !== undefined) talk.say('stopping the local sandbox …');
    // One that does not answer any more is ended, too.
    const stopped = await stopSandbox(dir);
    return {
      data: { stopped },
      show: ({ talk }) => talk(stopped ? 'sandbox stopped' : 'no sandbox was running'),
    };
  }
}
