// Filter patterns over messages of fields: `[ip, user, ..., status = 4* && status != 403, bytes > 1000]`. Pure.
import { invalidParameter } from './checks.ts';
import { comparison, conditionOf, type Operator } from './condition.ts';

type FieldTest = (value: string) => boolean;

/** @param text what stands between the brackets. @throws InvalidParameterException when it cannot be read. */
export function parseFieldsPattern(text: string): (message: string) => boolean {
  const fields = splitFields(text);
  const gap = fields.indexOf('...');
  if (gap !== fields.lastIndexOf('...')) throw invalidParameter('Invalid filter pattern');
  const before = (gap < 0 ? fields : fields.slice(0, gap)).map(parseField);
  const behind = (gap < 0 ? [] : fields.slice(gap + 1)).map(parseField);
  return (message) => {
    const values = fieldsOf(message);
    const named = before.length + behind.length;
    if (gap < 0 ? values.length !== named : values.length < named) return false;
    return (
      before.every((test, index) => test(values[index] ?? '')) &&
      behind.every((test, index) => test(values[values.length - behind.length + index] ?? ''))
    );
  };
}

/** At the commas outside of quotes. */
function splitFields(text: string): string[] {
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+|(?<=,)(?=,|$)/g) ?? ['']).map((field) => field.trim());
}

/** `name`, or conditions over it joined by && or ||, as AWS: && binds closer. */
function parseField(text: string): FieldTest {
  const alternatives = text.split('||').map((part) => part.split('&&').map(parseCondition));
  return (value) => alternatives.some((tests) => tests.every((test) => test(value)));
}

function parseCondition(text: string): FieldTest {
  const name = /^\s*[\p{L}\p{N}_-]*\s*/u.exec(text)?.[0] ?? '';
  if (name.length === text.length) return () => true;
  comparison.lastIndex = name.length;
  const [all = '', operator, quoted, plain] = comparison.exec(text) ?? [];
  if (operator === undefined || name.length + all.length !== text.length)
    throw invalidParameter('Invalid filter pattern');
  return conditionOf(operator as Operator, {
    ...(quoted !== undefined && { quoted }),
    ...(plain !== undefined && { plain }),
  });
}

/** What stands in brackets or double quotes is one field. */
function fieldsOf(message: string): string[] {
  const fields: string[] = [];
  // Where nothing closes any more is looked for once, however much a message opens.
  const last = { ']': message.lastIndexOf(']'), '"': message.lastIndexOf('"') };
  const word = /\S+/y;
  for (let at = 0; at < message.length;) {
    const closing = message[at] === '[' ? ']' : '"';
    if ((message[at] === '[' || message[at] === '"') && last[closing] > at) {
      const end = message.indexOf(closing, at + 1);
      fields.push(message.slice(at + 1, end));
      at = end + 1;
      continue;
    }
    word.lastIndex = at;
    const [found = ''] = word.exec(message) ?? [];
    if (found !== '') fields.push(found);
    at += Math.max(1, found.length);
  }
  return fields;
}
