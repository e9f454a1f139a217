// `ecsdemo up`: steps 1 to 5. Thin: flags, the question about cost, and what is shown at the end.
import type { Settings } from '../base/settings.ts';
import { costText, planLines, resourceLines, tasksText } from '../ui/summary.ts';
import { canAsk, confirm } from './ask.ts';
import { EcsdemoCommand, targetOf, type Outcome, type Session } from './ecsdemo-command.ts';
import { adopt, answerFlags, count, dryRun, instances, outputFlags, pace, targetFlags, upFlags, yes } from './flags.ts';
import { connect } from './local.ts';

export class Up extends EcsdemoCommand {
  static override summary = 'Make the demo, or what is missing of it, and prove that it answers (steps 1 to 5)';
  static override examples = [
    { description: 'On this machine, without an AWS account', command: 'ecsdemo up --local' },
    { description: 'On AWS', command: 'ecsdemo up --region us-east-1' },
    { description: 'What would be done', command: 'ecsdemo up --dry-run' },
    {
      description: 'Your own container',
      command: 'ecsdemo up --image nginx:alpine --command "nginx -g \'daemon off;\'" --expect Welcome',
    },
  ];
  static override flags = {
    ...targetFlags,
    ...count,
    ...instances,
    ...upFlags,
    ...answerFlags,
    ...dryRun,
    ...adopt,
    ...yes,
    ...pace,
    ...outputFlags,
  };

  protected override async act(asked: Settings, session: Session): Promise<Outcome> {
    session.say(
      `demo ${asked.demo} ${asked.local ? 'on the local sandbox' : 'on AWS'}${asked.dryRun ? ', dry run' : ''}`,
    );
    const [settings, { up, identify }] = await Promise.all([connect(asked, session), import('../program.ts')]);
    if (!settings.local && !settings.dryRun && !settings.yes && canAsk()) {
      const demo = await identify(settings, session.report);
      session.identify(demo);
      session.settle();
      // ALB 0.0225 + t3.micro 0.0104 + three public IPv4 0.015 + volume 0.0033, on demand in us-east-1 (aws-facts §16).
      await confirm(
        `Account ${demo.account ?? '?'}, region ${demo.region ?? '?'}: this costs about 0.05 USD per hour until \`ecsdemo destroy\`. Go on?`,
        session.signal,
      );
    }
    const { demo, data, warnings } = await up(settings, session.report, session.signal);
    return {
      demo,
      data,
      warnings,
      show({ out, talk, paint, width }) {
        if (data.plan !== undefined) {
          for (const line of planLines(data.plan, paint, width)) out(line);
          return;
        }
        const target = targetOf(asked);
        if (settings.through !== undefined) {
          for (const line of resourceLines(data.resources, width)) out(line);
          talk(`stopped after ${settings.through} ${costText(data)}`);
          talk(`Next: ecsdemo up${target}`);
          return;
        }
        talk(`${tasksText(data)}; the answer is "${settings.expect}", ${costText(data)}`);
        if (data.url !== undefined && data.url !== null) out(data.url);
        talk(`Next: ecsdemo scale --count 4${target}   Clean up: ecsdemo destroy${target}`);
      },
    };
  }
}
