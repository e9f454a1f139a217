// `ecsdemo sandbox fault list`: every fault there is, and which are on. Works without a sandbox, too.
import type { Settings } from '../../base/settings.ts';
import { faultNames, findSandbox, listFaults, sandboxDir, scenarioOf } from '../../sandbox/control.ts';
import { widthOf, wrap } from '../../ui/format.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { faultText } from './fault-text.ts';

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
        const column = Math.max(...faultNames.map(widthOf)) + 4;
        for (const { name, summary, active: on } of faults) {
          const mark = on.length === 0 ? ' ' : '*';
          const lines = wrap(summary, Math.max(30, width - column));
          lines.push(...on.map((fault) => `→ ${faultText(fault)}`));
          lines.forEach((line, index) =>
            out(`${index === 0 ? `${mark} ${name}`.padEnd(column) : ' '.repeat(column)}${line}`),
          );
        }
        talk(connection === undefined ? 'No sandbox is running, so none is on.' : `${active.length} on (*)`);
      },
    };
  }
}
