// `ecsdemo sandbox status`: where it listens and what is in it.
import type { Settings } from '../../base/settings.ts';
import { describeSandbox } from '../../sandbox/control.ts';
import { table } from '../../ui/format.ts';
import { EcsdemoCommand, type Outcome } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { publicPart, runningSandbox } from './running.ts';

/** Numbers and words of a description as rows; lists one row per entry. */
function rowsOf(described: Record<string, unknown>): string[][] {
  return Object.entries(described).flatMap(([key, value]) => {
    if (Array.isArray(value)) return value.map((each) => [key, typeof each === 'object' ? Object.values(each as object).join('  ') : String(each)]);
    if (typeof value === 'object' && value !== null) return rowsOf(value as Record<string, unknown>);
    return [[key, String(value)]];
  });
}

export class SandboxStatus extends EcsdemoCommand {
  static override summary = 'Show where the local sandbox listens and what is in it';
  static override examples = ['ecsdemo sandbox status'];
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings): Promise<Outcome> {
    const connection = await runningSandbox();
    const described = (await describeSandbox(connection)) as unknown as Record<string, unknown>;
    const data = { ...publicPart(connection), ...described };
    return {
      data,
      show({ out, width }) {
        for (const line of table(rowsOf(data), width)) out(line);
      },
    };
  }
}
