// `ecsdemo up`: makes a chapter's demo. Thin: flags, the question about cost, and what is shown at the end.
import { parseBlock } from '../base/address-block.ts';
import { standInFor } from '../base/aws-environment.ts';
import type { Settings } from '../base/settings.ts';
import { paceText } from '../ui/format.ts';
import { changeLines, costText, nextLines, planLines, resourceLines } from '../ui/summary.ts';
import { timingLines } from '../ui/timings.ts';
import { upText } from '../ui/verdict.ts';
import { canAsk, confirm, refuseUnasked } from './ask.ts';
import { demoPrice } from './bill.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import type { Ending, Talk } from './ecsdemo-command.ts';
import { viewOf } from './view.ts';
import {
  adopt,
  answerFlags,
  asking,
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
} from './flags.ts';
import { open } from './open.ts';
import { refuseEarly } from './refuse-early.ts';

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
      ...asking,
      ...pace,
      ...reportFlags,
      ...outputFlags,
    }),
  };

  protected override readonly makes = true;

  protected override get steps(): string[] {
    return this.entry.outline.steps.map(({ id }) => id);
  }

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    await refuseEarly(asked, this.entry);
    const standIn = standInFor(process.env);
    const head = (where: string): void => talk.say(`demo ${asked.demo} ${where}${asked.dryRun ? ', dry run' : ''}`);
    // Nobody bills what stands in for AWS on this machine.
    const isBilled = !asked.local && standIn === undefined && !asked.dryRun;
    const unasked = isBilled && !asked.yes;
    // With the new flag nothing is done unasked; without it scripts go on that were written before there was --yes.
    if (unasked && asked.noInput === true)
      refuseUnasked(asked, 'up asks before it makes what costs money', [{ flags: { yes: true } }]);
    if (!asked.local) head(standIn === undefined ? 'on AWS' : `at ${standIn}`);
    const mustAsk = unasked && canAsk(asked);
    const warnings = [
      ...(unasked && !mustAsk
        ? ['nobody can be asked here: going on without --yes, which later versions will want']
        : []),
      ...opennessWarnings(asked),
    ];
    for (const message of warnings) talk.report({ type: 'warning', message });
    const bill = `the demo costs ${demoPrice(asked)} until \`ecsdemo destroy\``;
    const report: Talk['report'] = (event) => {
      if (event.type === 'identified' && isBilled && !mustAsk)
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
        for (const line of changeLines(data.plan, view.talkPaint, view.width)) view.whole(line);
        await confirm(`Account ${demo.account}, region ${demo.region}: ${bill}. Go on?`, talk.signal);
      } else talk.say(`account ${demo.account}, region ${demo.region}: ${bill}`);
    }
    const outcome = await up(session);
    const { data, error } = outcome;
    if (error !== undefined) return outcome;
    return {
      ...outcome,
      show({ out, talk: say, whole, paint, width }) {
        const cleanUp = ['Clean up', talk.commandText('destroy')] as const;
        if (data.plan !== undefined) {
          const to = asked.through === undefined ? 'everything' : `everything up to ${asked.through}`;
          for (const line of planLines(data.plan, paint, width, `nothing to change: ${to} is as it is to be`))
            out(line);
          return;
        }
        if (asked.through !== undefined) {
          for (const line of resourceLines(data.resources, width)) out(line);
          say(`stopped after ${asked.through} ${costText(data)}`);
          for (const line of nextLines([['Next', talk.commandText('up', {}, ['through'])], cleanUp])) whole(line);
          return;
        }
        say(`${upText(data)}, ${costText(data)}`);
        if (asked.timings) for (const line of timingLines(data.timings, width)) say(line);
        if (data.url !== null) out(data.url);
        // The tutorial's next step, where it is still to be done.
        const next =
          data.desired !== null && data.desired < 4 ? [['Next', talk.commandText('scale', { count: 4 })] as const] : [];
        for (const line of nextLines([...next, cleanUp])) whole(line);
      },
    };
  }
}

/** A block of addresses so large that it is nearly everybody is hardly meant. */
function opennessWarnings({ sshFrom = '' }: Settings): string[] {
  const block = parseBlock(sshFrom);
  if (block === undefined || block.bits >= (block.family === 4 ? 8 : 16)) return [];
  const whom = block.bits === 0 ? 'the whole internet' : 'a large part of the internet';
  return [`--ssh-from ${sshFrom} opens SSH to ${whom}; one address of your own is enough, such as 203.0.113.7/32`];
}
