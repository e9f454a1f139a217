// `ecsdemo up`: steps 1 to 5. Thin: flags, the question about cost, and what is shown at the end.
import { costOf } from '../base/cost.ts';
import { refuse } from '../base/flag-values.ts';
import { defaults, type Settings } from '../base/settings.ts';
import { costText, planLines, priceText, resourceLines, tasksText } from '../ui/summary.ts';
import { timingLines } from '../ui/timings.ts';
import { canAsk, confirm } from './ask.ts';
import { EcsdemoCommand, viewOf, type Outcome, type Session } from './ecsdemo-command.ts';
import {
  adopt,
  answerFlags,
  count,
  dryRun,
  instances,
  outputFlags,
  pace,
  targetFlags,
  timings,
  upFlags,
  yes,
} from './flags.ts';
import { connect } from './local.ts';

export class Up extends EcsdemoCommand {
  static override summary = 'Make the demo, or what is missing of it, and prove that it answers (steps 1 to 5)';
  static override examples = [
    { description: 'On this machine, without an AWS account', command: 'ecsdemo up --local' },
    { description: 'On AWS', command: 'ecsdemo up --region us-east-1' },
    { description: 'What would be done', command: 'ecsdemo up --dry-run' },
    {
      description: 'Your own container',
      command: 'ecsdemo up --image nginx:alpine --container-port 80 --expect nginx',
    },
  ];
  static override flags = {
    ...targetFlags,
    ...count,
    ...instances,
    ...upFlags,
    ...answerFlags,
    ...dryRun,
    ...timings,
    ...adopt,
    ...yes,
    ...pace,
    ...outputFlags,
  };

  protected override async act(asked: Settings, session: Session): Promise<Outcome> {
    await refuseEarly(asked);
    session.say(
      `demo ${asked.demo} ${asked.local ? 'on the local sandbox' : 'on AWS'}${asked.dryRun ? ', dry run' : ''}`,
    );
    const [settings, { up }] = await Promise.all([connect(asked, session), import('../program.ts')]);
    const onAws = !settings.local && !settings.dryRun;
    if (onAws && !settings.yes && canAsk()) {
      const { demo, data } = await up({ ...settings, dryRun: true }, session.report, session.signal);
      session.identify(demo);
      session.settle();
      // Nothing to change costs nothing more: no question then.
      if (data.plan !== undefined && data.plan.length > 0) {
        const { talk, talkPaint, width } = viewOf(session.output);
        for (const line of planLines(data.plan, talkPaint, width).slice(0, -2)) talk(line);
        await confirm(`Account ${demo.account}, region ${demo.region}: ${billText(settings)}. Go on?`, session.signal);
      }
    }
    const { demo, data, warnings } = await up(
      settings,
      (event) => {
        if (event.type === 'identified' && onAws)
          session.say(`account ${event.account}, region ${event.region}: ${billText(settings)}`);
        session.report(event);
      },
      session.signal,
    );
    return {
      demo,
      data,
      warnings,
      show({ out, talk, paint, width }) {
        if (data.plan !== undefined) {
          for (const line of planLines(data.plan, paint, width)) out(line);
          return;
        }
        if (settings.through !== undefined) {
          for (const line of resourceLines(data.resources, width)) out(line);
          talk(`stopped after ${settings.through} ${costText(data)}`);
          talk(`Next: ${session.commandText('up')}`);
          return;
        }
        talk(`${tasksText(data)}; the answer is "${settings.expect}", ${costText(data)}`);
        if (asked.timings) for (const line of timingLines(data.timings, width)) talk(line);
        if (data.url !== undefined && data.url !== null) out(data.url);
        talk(`Next: ${session.commandText('scale', { count: 4 })}   Clean up: ${session.commandText('destroy')}`);
      },
    };
  }
}

/**
 * What can be known without asking anybody: a bad file must not even start the sandbox. The run itself looks again.
 * @throws EcsdemoError `template-invalid`, `usage`
 */
async function refuseEarly(asked: Settings): Promise<void> {
  if (asked.instances === 0) {
    refuse('--instances', '0', 'leaves nothing to run a task on; scale can take the instances away later', {
      flags: { instances: 1 },
    });
  }
  if (asked.taskDefinitionFile === undefined) return;
  const { loadTaskDefinition } = await import('../document/task-definition-document.ts');
  loadTaskDefinition(asked, asked.demo);
}

/** What the whole demo costs while it stands, as these settings make it. */
function billText({ subnetIds, ...asked }: Settings): string {
  const { instances = defaults.instances, instanceType = defaults.instanceType } = asked;
  const { perHour, unpriced } = costOf({
    instanceTypes: Array.from({ length: instances }, () => instanceType),
    loadBalancerSubnets: [subnetIds?.length ?? 2],
  });
  const more = unpriced.length === 0 ? '' : ` and what ${unpriced.join(', ')} costs`;
  return `the demo costs ${priceText(perHour)}${more} until \`ecsdemo destroy\``;
}
