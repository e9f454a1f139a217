// `ecsdemo status`: what exists now, once or again and again. Thin.
import * as Flags from '@oclif/core/flags';
import { EcsdemoError } from '../base/errors.ts';
import { pause, systemClock } from '../base/clock.ts';
import type { Settings } from '../base/settings.ts';
import { isLive } from '../ui/colour.ts';
import { statusLines } from '../ui/summary.ts';
import { EcsdemoCommand, viewOf, type Outcome, type Session } from './ecsdemo-command.ts';
import { outputFlags, targetFlags } from './flags.ts';
import { connect } from './local.ts';

/** Between two looks of --watch, in milliseconds. */
const watchEveryMs = 2000;

export class Status extends EcsdemoCommand {
  static override summary = 'Show what exists now: every resource with its state, the tasks and the URL';
  static override examples = [
    { description: 'On this machine', command: 'ecsdemo status --local' },
    { description: 'Until Ctrl-C', command: 'ecsdemo status --watch' },
  ];
  static override flags = {
    ...targetFlags,
    watch: Flags.boolean({ description: 'Look again every two seconds, until Ctrl-C' }),
    ...outputFlags,
  };

  protected override readonly onlyReads = true;

  protected override async act(asked: Settings, session: Session): Promise<Outcome> {
    if (asked.watch && session.output.json) {
      throw new EcsdemoError('usage', '--watch cannot go with --json, which is one document', {
        suggestions: [{ command: 'status', flags: { json: true } }],
      });
    }
    session.say(`looking for demo ${asked.demo} …`);
    const [settings, { status }] = await Promise.all([connect(asked, session), import('../program.ts')]);
    let { demo, data, warnings } = await status(settings, session.report, session.signal);
    if (!asked.watch) {
      return {
        demo,
        data,
        warnings,
        show({ out, paint, width }) {
          for (const line of statusLines(data, settings.demo, paint, width, settings.local)) out(line);
        },
      };
    }
    session.settle();
    const { out, paint, width } = viewOf(session.output);
    const live = isLive(process.stdout, process.env);
    let shown = '';
    if (live) process.stdout.write('\u001B[2J');
    for (;;) {
      const text = statusLines(data, settings.demo, paint, width, settings.local).join('\n');
      // Home, the text with the rest of each line cleared, then everything below: no flicker, unlike clearing first.
      if (live) process.stdout.write(`\u001B[H${text.replaceAll('\n', '\u001B[K\n')}\u001B[K\n\u001B[J`);
      else if (text !== shown) out(`${text}\n`);
      shown = text;
      await pause(systemClock, watchEveryMs, session.signal);
      // Nobody reads any more (| head).
      if (process.stdout.destroyed) return { demo, data, warnings, show: () => undefined };
      ({ demo, data, warnings } = await status(settings, session.report, session.signal));
    }
  }
}
