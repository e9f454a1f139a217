// ECS's rules for task definitions, one table for both: a person's file is held to it before the first call, and the
// sandbox's RegisterTaskDefinition answers by it. Pure.
import type { Broken, Document, Rule } from './rules/rule.ts';
import { containerRules } from './rules/container-rules.ts';
import { taskRules } from './rules/task-rules.ts';
import { togetherRules } from './rules/together-rules.ts';

/** By name, in the order in which a document is looked at. */
export const rules: Readonly<Record<string, Rule>> = { ...taskRules, ...containerRules, ...togetherRules };

/** The first rule that the document breaks, and where; undefined: ECS registers it. */
export function firstBroken(document: Document): Broken | undefined {
  for (const rule of Object.values(rules)) for (const broken of rule(document)) return broken;
  return undefined;
}
