// What the demo is to answer, and where it is asked. Makes no call.
import { tagValue } from '../../aws/ownership.ts';
import { tagKeys } from '../../base/names.ts';
import { defaults } from '../../base/settings.ts';
import { fromTagText } from '../../base/tag-text.ts';
import type { TutorialContext } from './context.ts';

export interface WantedAnswer {
  /** It must contain this. */
  text: string;
  path: string;
}

/** As this run was told; a run that only looks goes by what `up` was told, which the target group remembers. */
export function wantedAnswer({ settings, facts, looking }: TutorialContext): WantedAnswer {
  const remembered = (key: string): string | undefined =>
    looking ? tagValue(facts.targetGroup?.tags, key) : undefined;
  const text = remembered(tagKeys.expect) || undefined;
  return {
    text: settings.expect ?? (text === undefined ? undefined : fromTagText(text)) ?? defaults.expect,
    path: settings.path ?? remembered(tagKeys.path) ?? defaults.path,
  };
}
