// `ecsdemo sandbox fault list`: every fault there is, and which are on. Works without a sandbox, too.
import type { Settings } from '../../base/settings.ts';
import { faultNames, findSandbox, listFaults, sandboxDir, scenarioOf } from '../../sandbox/control.ts';
import { entry } from '../../ui/format.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { faultText } from './fault-text.ts';

/** The longest name, its mark before it, and a gap. */
const column = Math.max(...faultNames.map(({ length }) => length)) + 4;

export class SandboxFaultList extends EcsdemoCommand {
  static override summary = 'List every fault of the sandbox, and which are on';
  static override examples = ['ecsdemo sandbox fault list'];
  static override flags = { ...outputFlags };

  protected override readonly onlyReads = true;

  protected override async act(_settings: Settings): Promise<Ending> {
    const connection = await findSandbox(sandboxDir(process.env));
    const active = connection === undefined ? [] : await listFaults(connection);
    const faults = faultNames.map((name) => {
      const { summary, times } = scenarioOf(name);
      return { name, summary, times, active: active.filter((fault) => fault.name === name) };
    });
    return {
      data: { running: connection !== undefined, faults },
      show({ out, talk, width }) {
        for (const { name, summary, active: on } of faults) {
          const mark = on.length === 0 ? ' ' : '*';
          for (const line of entry(`${mark} ${name}`, summary, column, width)) out(line);
          for (const line of on.flatMap((fault) => entry('', `→ ${faultText(fault)}`, column, width)))
            if (line !== '') out(line);
        }
        talk(connection === undefined ? 'No sandbox is running, so none is on.' : `${active.length} on (*)`);
      },
    };
  }
}
