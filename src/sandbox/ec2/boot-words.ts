// What the boot of an instance did not play of its user data, said where people look for what the sandbox does: its log.
// The console output says the same (console-output.ts).
import type { Context } from '../handler.ts';
import type { Place } from '../kept.ts';
import type { Instance } from './records.ts';
import { parseUserData, type ParsedUserData } from './user-data.ts';

/** Each as a sentence about the instance's user data. */
export function bootWords({ unplayed, deadlocks, ecsConfig }: ParsedUserData): string[] {
  return [
    ...unplayed.map((what) => `not played: ${what}`),
    ...(deadlocks
      ? ['it starts ecs or docker and waits for them, which wait for it: the agent never starts (use --no-block)']
      : []),
    ...(unplayed.length > 0 && !ecsConfig['ECS_CLUSTER']
      ? ['it names no cluster that could be understood, so the agent joins "default"']
      : []),
  ];
}

function openLog({ warn }: Place): { say(text: string): void; close(): void } {
  return { say: warn, close: () => undefined };
}

/** Once per boot. */
export function sayBoot(context: Context, { instanceId, userData }: Instance): void {
  const at = new Date(context.now).toISOString();
  for (const words of bootWords(parseUserData(userData)))
    context.kept(openLog).say(`${at} user data of ${instanceId}: ${words}`);
}
