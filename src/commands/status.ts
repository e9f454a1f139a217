// `ecsdemo status`: what exists now, once or again and again. Thin.
import type { Outcome, StatusData } from '../actions/results.ts';
import { EcsdemoError, exitCodes } from '../base/errors.ts';
import { pause, systemClock } from '../base/clock.ts';
import type { Settings } from '../base/settings.ts';
import { findSandbox, sandboxDir } from '../sandbox/control.ts';
import { isLive } from '../ui/colour.ts';
import { nextLines, statusLines } from '../ui/summary.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import type { Ending, Talk } from './ecsdemo-command.ts';
import { viewOf, type View } from './view.ts';
import { outputFlags, targetFlags, watch } from './flags.ts';
import { open } from './open.ts';

/** Between two looks of --watch, in milliseconds. */
const watchEveryMs = 2000;

export class Status extends ChapterCommand {
  static override told: Told = {
    verb: 'status',
    summary: () => 'Show what exists now: every resource with its state, the tasks and the URL',
    examples: [
      ['On this machine', { local: true }],
      ['Until Ctrl-C', { watch: true }],
    ],
    flags: () => ({ ...targetFlags, ...watch, ...outputFlags }),
  };

  protected override readonly onlyReads = true;

  protected override async act(asked: Settings, talk: Talk): Promise<Ending> {
    if (asked.watch && talk.output.json) {
      throw new EcsdemoError('usage', '--watch cannot go with --json, which is one document', {
        suggestions: [{ flags: {}, without: ['watch'] }],
      });
    }
    talk.say(`looking for demo ${asked.demo} …`);
    const [session, { status }] = await Promise.all([open(this.entry, asked, talk), import('../actions/status.ts')]);
    let outcome = await status(session);
    const text = (data: StatusData, { paint, width }: View): string[] =>
      statusLines(data, asked.demo, paint, width, asked.local, talk.commandText('up'));
    await tellOfSandbox(asked, outcome, talk);
    if (!asked.watch) {
      const { data } = outcome;
      if (data === undefined) return outcome;
      return {
        ...outcome,
        show(view) {
          for (const line of text(data, view)) view.out(line);
          // Nothing is advised for what is not there: whoever looks may have looked in the wrong place.
          if (data.url === null) return;
          const next = talk.commandText(data.changes.length > 0 ? 'up' : 'verify');
          for (const line of nextLines([
            ['Next', next],
            ['Clean up', talk.commandText('destroy')],
          ]))
            view.whole(line);
        },
      };
    }
    talk.settle();
    const view = viewOf(talk.output);
    const live = isLive(process.stdout, process.env);
    let shown = '';
    if (live) process.stdout.write('\u001B[2J');
    while (outcome.error === undefined) {
      const now = text(outcome.data, view).join('\n');
      // Home, the text with the rest of each line cleared, then everything below: no flicker, unlike clearing first.
      if (live) process.stdout.write(`\u001B[H${now.replaceAll('\n', '\u001B[K\n')}\u001B[K\n\u001B[J`);
      else if (now !== shown) view.out(`${now}\n`);
      shown = now;
      await pause(systemClock, watchEveryMs, talk.signal);
      // Nobody reads any more (| head).
      if (process.stdout.destroyed) break;
      outcome = await status(session);
    }
    return outcome;
  }
}

/** Who looks at AWS and finds nothing, or cannot even look, may have meant the sandbox that runs here. */
async function tellOfSandbox(asked: Settings, { data, error }: Outcome<StatusData>, talk: Talk): Promise<void> {
  const isThere = data?.resources.some(({ id, owned }) => id !== undefined && owned) === true;
  const isLost = error !== undefined && (error.code === 'region-missing' || error.exitCode === exitCodes.credentials);
  if (asked.local || isThere || (error !== undefined && !isLost)) return;
  if ((await findSandbox(sandboxDir(process.env))) === undefined) return;
  talk.report({
    type: 'warning',
    message: `this looked on AWS; a sandbox runs here too: ${talk.commandText('status', { local: true })}`,
  });
}
