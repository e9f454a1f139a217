// Matching as IAM does it: `*` and `?`, in ARNs field by field, and the variables that a policy may have in them.
// Knows nothing of policies.

/** The values that a request has for condition keys, which are written in any case. */
export type Lookup = (key: string) => readonly string[] | undefined;

/** `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`; and `${*}`, `${?}`, `${$}`, which stand for themselves. */
const variable = /\$\{([^}]*)\}/g;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function patternSource(text: string): string {
  return escaped(text).replaceAll('\\*', '.*').replaceAll('\\?', '.');
}

/** The names of the variables in a text. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(variable)].flatMap(([, inside = '']) =>
    ['*', '?', '$'].includes(inside) ? [] : [inside.replace(/,.*$/s, '').trim()],
  );
}

/**
 * The text as pieces, with variables filled in; undefined: one has no value, and then nothing matches.
 * @param lookup absent: the policy's version knows no variables
 */
function filled(text: string, lookup: Lookup | undefined): { literal: boolean; text: string }[] | undefined {
  if (lookup === undefined || !text.includes('${')) return [{ literal: false, text }];
  const pieces: { literal: boolean; text: string }[] = [];
  let from = 0;
  for (const found of text.matchAll(variable)) {
    const [whole, inside = ''] = found;
    pieces.push({ literal: false, text: text.slice(from, found.index) });
    from = found.index + whole.length;
    const [name = '', fallback] = inside.split(/,(.*)/s).map((part) => part.trim());
    const values = lookup(name);
    const value = ['*', '?', '$'].includes(inside)
      ? inside
      : values?.length === 1
        ? values[0]
        : fallback?.replace(/^'(.*)'$/s, '$1');
    if (value === undefined) return undefined;
    pieces.push({ literal: true, text: value });
  }
  pieces.push({ literal: false, text: text.slice(from) });
  return pieces;
}

/** Does the value equal the text, or match it where `*` and `?` count? */
export function matches(
  value: string,
  text: string,
  { wild, ignoreCase = false, lookup }: { wild: boolean; ignoreCase?: boolean; lookup?: Lookup | undefined },
): boolean {
  const pieces = filled(text, lookup);
  if (pieces === undefined) return false;
  const source = pieces.map((piece) => (wild && !piece.literal ? patternSource(piece.text) : escaped(piece.text)));
  return new RegExp(`^${source.join('')}$`, ignoreCase ? 'is' : 's').test(value);
}

/** The six fields of an ARN; what follows the fifth colon is one. */
function fieldsOf(arn: string): string[] {
  const fields = arn.split(':');
  return [...fields.slice(0, 5), fields.slice(5).join(':')];
}

/**
 * ARNs are compared field by field: a `*` in one does not reach into the next. Fields that a pattern lacks at its end are
 * anything (IAM User Guide, "IAM JSON policy elements: Resource").
 */
export function arnMatches(arn: string, pattern: string, lookup?: Lookup): boolean {
  if (pattern === '*') return true;
  const given = fieldsOf(arn);
  // A colon within a variable is none of the ARN's.
  const asked = pattern.replace(variable, (text) => text.replaceAll(':', '\u0000')).split(':');
  if (given.length < 6 || asked.length < 2) return false;
  const wanted = [...asked.slice(0, 5), ...(asked.length > 5 ? [asked.slice(5).join(':')] : [])];
  return wanted.every((field, index) =>
    matches(given[index] ?? '', field.replaceAll('\u0000', ':'), { wild: true, lookup }),
  );
}
