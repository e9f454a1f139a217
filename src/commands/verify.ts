// `ecsdemo verify`: step 5. Thin: the checks are the engine's, here they are shown.
import type { Settings } from '../base/settings.ts';
import { EcsdemoError } from '../base/errors.ts';
import type { Check } from '../engine/types.ts';
import { checkLines } from '../ui/summary.ts';
import { EcsdemoCommand, viewOf, type Outcome, type Session } from './ecsdemo-command.ts';
import { answerFlags, outputFlags, targetFlags } from './flags.ts';
import { connect } from './local.ts';
import * as Flags from '@oclif/core/flags';

export class Verify extends EcsdemoCommand {
  static override summary = 'Check every link from the load balancer to the tasks and prove the answer (step 5)';
  static override examples = [
    { description: 'On this machine', command: 'ecsdemo verify --local' },
    { description: 'Also from the inside of the container instance', command: 'ecsdemo verify --on-instance' },
  ];
  static override flags = {
    ...targetFlags,
    ...answerFlags,
    'on-instance': Flags.boolean({ description: 'Also run docker ps and curl on the container instance, through SSM' }),
    ...outputFlags,
  };

  protected override readonly onlyReads = true;

  protected override async act(asked: Settings, session: Session): Promise<Outcome> {
    session.say(`checking demo ${asked.demo} …`);
    const [settings, { verify }] = await Promise.all([connect(asked, session), import('../program.ts')]);
    try {
      const { demo, data, warnings } = await verify(settings, session.report, session.signal);
      return {
        demo,
        data,
        warnings,
        show({ out, talk, paint, width }) {
          for (const line of checkLines(data.checks, paint, width, session.invocation)) out(line);
          if (data.url !== undefined && data.url !== null) talk(data.url);
        },
      };
    } catch (error) {
      // The checks are the command's data: they are shown also when one of them is the failure.
      const checks = error instanceof EcsdemoError ? checksOf(error.partial) : undefined;
      if (checks !== undefined && !session.output.json) {
        session.settle();
        const { out, paint, width } = viewOf(session.output);
        for (const line of checkLines(checks, paint, width, session.invocation)) out(line);
      }
      throw error;
    }
  }
}

function checksOf(partial: unknown): readonly Check[] | undefined {
  if (typeof partial !== 'object' || partial === null || !('checks' in partial)) return undefined;
  return Array.isArray(partial.checks) ? (partial.checks as readonly Check[]) : undefined;
}
