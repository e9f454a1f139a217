// `ecsdemo up`: makes a chapter's demo. Thin: flags, the question about cost, and what is shown at the end.
import { costOf } from '../base/cost.ts';
import { refuse } from '../base/flag-values.ts';
import { defaults, type Settings } from '../base/settings.ts';
import type { Entry } from '../chapters/chapter.ts';
import { paceText } from '../ui/format.ts';
import { costText, planLines, priceText, resourceLines, tasksText } from '../ui/summary.ts';
import { timingLines } from '../ui/timings.ts';
import { canAsk, confirm } from './ask.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import { viewOf, type Ending, type Talk } from './ecsdemo-command.ts';
import {
  adopt,
  answerFlags,
  count,
  dryRun,
  instances,
  outputFlags,
  pace,
  reportFlags,
  targetFlags,
  throughFlag,
  timings,
  upFlags,
  yes,
} from './flags.ts';
import { open } from './open.ts';

export class Up extends ChapterCommand {
  static override told: Told = {
    verb: 'up',
    summary: ({ steps }) =>
      `Make the demo, or what is missing of it, and prove that it answers (steps ${steps[0]?.tutorialStep} to ${steps.at(-1)?.tutorialStep})`,
    examples: [
      ['On this machine, without an AWS account', { local: true }],
      ['On AWS', { region: 'us-east-1' }],
      ['What would be done', { 'dry-run': true }],
      ['Your own container', { image: 'nginx:alpine', 'container-port': 80, expect: 'nginx' }],
      ['Your own task definition', { 'task-definition': 'task.json', container: 'web', expect: 'nginx' }],
    ],
    flags: (outline) => ({
      ...targetFlags,
      ...count,
      ...instances,
      ...throughFlag(outline),
      ...upFlags,
      ...answerFlags,
      ...dryRun,
      ...timings,
      ...adopt,
      ...yes,
      ...pace,
      ...reportFlags,
      ...outputFlags,
    }),
  };

  protected override get steps(): string[] {
    return this.entry.outline.steps.map(({ id }) => id);
  }

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    await refuseEarly(asked, this.entry);
    const head = (where: string): void => talk.say(`demo ${asked.demo} ${where}${asked.dryRun ? ', dry run' : ''}`);
    if (!asked.local) head('on AWS');
    const onAws = !asked.local && !asked.dryRun;
    const mustAsk = onAws && !asked.yes && canAsk();
    const bill = billText(asked);
    const report: Talk['report'] = (event) => {
      if (event.type === 'identified' && onAws && !mustAsk)
        talk.say(`account ${event.account}, region ${event.region}: ${bill}`);
      talk.report(event);
    };
    const [session, { up }] = await Promise.all([
      open(this.entry, asked, { ...talk, report }),
      import('../actions/up.ts'),
    ]);
    // How fast time runs there is known only now.
    if (asked.local) head(`on the local sandbox (${paceText(session.settings.pace ?? '')})`);
    if (mustAsk) {
      const { demo, data, error } = await up(session, { dryRun: true });
      if (error !== undefined) return { ...(demo && { demo }), data, error };
      talk.identify(demo);
      talk.settle();
      // Nothing to change costs nothing more: no question then.
      if (data.plan !== undefined && data.plan.length > 0) {
        const view = viewOf(talk.output);
        for (const line of planLines(data.plan, view.talkPaint, view.width).slice(0, -2)) view.talk(line);
        await confirm(`Account ${demo.account}, region ${demo.region}: ${bill}. Go on?`, talk.signal);
      }
      talk.say(`account ${demo.account}, region ${demo.region}: ${bill}`);
    }
    const outcome = await up(session);
    const { data, error } = outcome;
    if (error !== undefined) return outcome;
    return {
      ...outcome,
      show({ out, talk: say, paint, width }) {
        if (data.plan !== undefined) {
          for (const line of planLines(data.plan, paint, width)) out(line);
          return;
        }
        if (asked.through !== undefined) {
          for (const line of resourceLines(data.resources, width)) out(line);
          say(`stopped after ${asked.through} ${costText(data)}`);
          say(`Next: ${talk.commandText('up')}`);
          return;
        }
        say(`${tasksText(data)}; the answer is "${asked.expect}", ${costText(data)}`);
        if (asked.timings) for (const line of timingLines(data.timings, width)) say(line);
        if (data.url !== null) out(data.url);
        say(`Next: ${talk.commandText('scale', { count: 4 })}   Clean up: ${talk.commandText('destroy')}`);
      },
    };
  }
}

/**
 * What can be known without asking anybody: a bad file must not even start the sandbox. The run itself looks again.
 * @throws EcsdemoError `template-invalid`, `usage`
 */
async function refuseEarly(asked: Settings, { load }: Entry): Promise<void> {
  if (asked.instances === 0) {
    refuse('--instances', '0', 'leaves nothing to run a task on; scale can take the instances away later', {
      flags: { instances: 1 },
    });
  }
  if (asked.taskDefinitionFile !== undefined) await (await load()).prepare(asked);
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
