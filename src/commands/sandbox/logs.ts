// `ecsdemo sandbox logs`: what the sandbox and its tasks wrote, running or not.
import type { Settings } from '../../base/settings.ts';
import { readLogs, sandboxDir } from '../../sandbox/control.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';

export class SandboxLogs extends EcsdemoCommand {
  static override summary = 'Print what the sandbox and its tasks wrote';
  static override examples = ['ecsdemo sandbox logs'];
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings): Promise<Ending> {
    const logs = await readLogs(sandboxDir(process.env));
    return {
      data: { logs },
      show({ out }) {
        if (logs !== '') out(logs.trimEnd());
      },
    };
  }
}
