// A person's own task definition file, read and held to everything that can be known before the first call: what it is, the
// API's shapes, ECS's rules, and what the demo needs.
import { join } from 'node:path';
import { RegisterTaskDefinitionRequest$, type Tag, TaskDefinition$ } from '@aws-sdk/client-ecs';
import { NormalizedSchema } from '@smithy/core/schema';
import { EcsdemoError } from '../base/errors.ts';
import { packageRoot } from '../base/package-root.ts';
import { pasteable, quoted } from '../base/quoted.ts';
import type { Suggestion } from '../base/suggestion.ts';
import { readDocument } from './document-file.ts';
import { readDocumentText } from './document-text.ts';
import { firstUnmet } from './demo-needs.ts';
import type { Lines } from './json-lines.ts';
import { firstBroken } from './rules.ts';
import { findMisfit } from './schema-check.ts';
import { type Choice, chosen, type Served, servable } from './served.ts';
import { describing, findDefinition } from './shapes.ts';
import type { Registration } from './task-definition-document.ts';
import { Unusable } from './unusable.ts';

export interface TaskDefinitionFile {
  register: Registration;
  tags: Tag[];
  /** What the load balancer may talk to, the best first; not empty. */
  served: Served[];
}

/** @throws EcsdemoError `template-invalid` naming file, line and what to change; `usage` for a choice that is not in it */
export async function readTaskDefinitionFile(file: string, choice: Choice): Promise<TaskDefinitionFile> {
  let content: string | undefined;
  let lines: Lines | undefined;
  try {
    // As the AWS CLI takes files.
    content = readDocument(file.replace(/^file:\/\//, ''));
    const text = await readDocumentText(content, file);
    lines = text;
    const { register, tags } = checked(text.value, file);
    const served = chosen(servable(register.containerDefinitions), choice);
    return { register, tags, served };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const { path, line = path && lines?.lineOf(path), suggestions } = error.place;
    const at = line === undefined ? '' : `, line ${line},`;
    throw new EcsdemoError('template-invalid', `task definition file ${quoted(file)}${at} ${error.message}`, {
      suggestions: suggestions ?? (content === undefined ? startAfresh(file) : changing(line)),
    });
  }
}

const changing = (line: number | undefined) => [
  { flags: {}, note: `once ${line === undefined ? 'the file' : `line ${line}`} is changed` },
];

/** What is no file may be the name or ARN of a task definition. */
function startAfresh(file: string): Suggestion[] {
  const use = { flags: { 'task-definition': './task-definition.json' } };
  const template = join(packageRoot(), 'templates', 'task-definition.json');
  const own = { text: `cp ${pasteable(template)} .`, note: "the tutorial's own, to start from" };
  if (!/^(arn:[\w-]+:ecs:[\w:/-]+|[\w-]+:\d+)$/.test(file)) return [own, use];
  return describing(file, 'if it is the name of one');
}

/** The tags that only AWS writes, and those by which ecsdemo knows its own, are no part of a document. */
const ownTag = /^(aws|ecsdemo):/i;

function checked(value: unknown, file: string): Pick<TaskDefinitionFile, 'register' | 'tags'> {
  const { document, at } = findDefinition(value, file);
  const known = new Set(names(RegisterTaskDefinitionRequest$));
  // Members of a description that registration does not take (revision, status …) are AWS's own.
  const described = new Set(names(TaskDefinition$));
  const given = Object.fromEntries(
    Object.entries(document).filter(([member]) => known.has(member) || !described.has(member)),
  );
  const misfit = findMisfit(given, RegisterTaskDefinitionRequest$);
  if (misfit !== undefined) throw new Unusable(misfit.why, { path: at(misfit.path) });
  const {
    family: _,
    tags: all = [],
    ...register
  } = given as unknown as Registration & { family?: string; tags?: Tag[] };
  const tags = all.filter(({ key = '' }) => !ownTag.test(key));
  // The family is the demo's own, which is right.
  const broken = firstBroken({ ...register, family: 'demo' }) ?? firstUnmet(register, tags);
  if (broken !== undefined) throw new Unusable(broken.words, broken.path.length === 0 ? {} : { path: at(broken.path) });
  return { register, tags };
}

function names(schema: typeof TaskDefinition$): string[] {
  return [...NormalizedSchema.of(schema).structIterator()].map(([name]) => name);
}
