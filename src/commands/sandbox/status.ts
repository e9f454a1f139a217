// `ecsdemo sandbox status`: where it listens and what is in it.
import type { Settings } from '../../base/settings.ts';
import { describeSandbox, listFaults, type Inventory } from '../../sandbox/control.ts';
import { counted } from '../../base/counted.ts';
import { table } from '../../ui/format.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { faultText } from './fault-text.ts';
import { publicPart, runningSandbox } from './running.ts';

/** In the order they are shown; what has no words here comes after, by the name of its table. */
const words: Record<string, [one: string, many: string]> = {
  clusters: ['cluster', 'clusters'],
  instances: ['instance', 'instances'],
  containerInstances: ['container instance', 'container instances'],
  services: ['service', 'services'],
  tasks: ['task', 'tasks'],
  loadBalancers: ['load balancer', 'load balancers'],
  targetGroups: ['target group', 'target groups'],
  logGroups: ['log group', 'log groups'],
};

/** '1 cluster, 4 tasks'; what there is none of is left out. */
function contentsText(counts: Inventory['counts']): string {
  const found = new Map<string, number>(Object.entries(counts));
  const parts = [...new Set([...Object.keys(words), ...found.keys()])].flatMap((table) => {
    const count = found.get(table) ?? 0;
    return count === 0 ? [] : counted(count, ...(words[table] ?? [table, table]));
  });
  return parts.length === 0 ? 'nothing yet' : parts.join(', ');
}

export class SandboxStatus extends EcsdemoCommand {
  static override summary = 'Show where the local sandbox listens and what is in it';
  static override examples = ['ecsdemo sandbox status'];
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings): Promise<Ending> {
    const connection = await runningSandbox();
    const [{ counts, loadBalancers, notice }, faults] = await Promise.all([
      describeSandbox(connection),
      listFaults(connection),
    ]);
    return {
      data: { ...publicPart(connection), counts, loadBalancers, faults, notice },
      show({ out, talk, width }) {
        const { endpoint, pid, pace, region, account, startedAt, policy } = connection;
        const rows = [
          ['endpoint', endpoint],
          ['account', `${account}, ${region}`],
          ['pace', pace],
          ...(policy === undefined ? [] : [['policy', policy]]),
          ['process', `${pid}, since ${startedAt}`],
          ['contains', contentsText(counts)],
          ...faults.map((fault) => ['fault', `${fault.name}, ${faultText(fault)}`]),
          ...(notice === undefined ? [] : [['notice', notice]]),
          ...loadBalancers.map(({ name, state, url }) => [name, `${url} (${state})`]),
        ];
        for (const line of table(rows, width)) out(line);
        talk('it runs until `ecsdemo sandbox stop`, and keeps what is in it after that');
      },
    };
  }
}
