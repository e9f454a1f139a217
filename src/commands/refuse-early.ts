// What is refused of a command that makes a demo before anything is started or asked. Knows no command.
import { refuse } from '../base/flag-values.ts';
import type { Settings } from '../base/settings.ts';
import type { Entry } from '../chapters/chapter.ts';

/**
 * What can be known without asking anybody: a bad file must not even start the sandbox. The run itself looks again.
 * @throws EcsdemoError `template-invalid`, `usage`
 */
export async function refuseEarly(asked: Settings, { load }: Entry): Promise<void> {
  if (asked.instances === 0) {
    refuse('--instances', '0', 'leaves nothing to run a task on; scale can take the instances away later', {
      flags: { instances: 1 },
    });
  }
  if (asked.taskDefinitionFile !== undefined) await (await load()).prepare(asked);
}
