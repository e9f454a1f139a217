// The text of a file as a value with its lines, whether it is JSON, JSON with comments, or YAML. Knows nothing of what the
// value means.
import { stripComments } from 'jsonc-parser';
import { type JsonPath, jsonLines, type Lines } from './json-lines.ts';
import { Unusable } from './unusable.ts';

/** No task definition is nested so deep. */
const maxDepth = 50;

export interface DocumentText extends Lines {
  value: unknown;
}

/** @throws Unusable, with the line of the first mistake */
export async function readDocumentText(text: string, file: string): Promise<DocumentText> {
  if (text.trim() === '') throw new Unusable('is empty');
  // Loaded for who has such a file.
  if (isYaml(text, file)) return (await import('./yaml-lines.ts')).readYaml(text);
  const lines = jsonLines(text);
  if (lines.depth > maxDepth) throw new Unusable(`is nested ${lines.depth} deep; no task definition is`);
  try {
    return { value: JSON.parse(stripComments(text, ' ')) as unknown, lineOf: (path: JsonPath) => lines.lineOf(path) };
  } catch (error) {
    const said = (error as Error).message.replace(
      / in JSON at position \d+.*$| \(line.*$|, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s,
      '',
    );
    throw new Unusable(`is not JSON: ${said}`, lines.mistake === undefined ? {} : { line: lines.mistake });
  }
}

/** By its name, or by its looks: templates and what the CLI writes have names of either. */
function isYaml(text: string, file: string): boolean {
  return /\.ya?ml$/i.test(file) || (!/^\s*[[{"/]/.test(text) && /^[-\s]*[\w'"]+:(\s|$)/m.test(text));
}
