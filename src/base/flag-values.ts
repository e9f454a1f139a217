// From the text of a flag or environment variable to a value, or a refusal that names where the text came from.
// Pure: reads no environment, no file, and knows nothing of what the values are for.
import { blockOf, isAddress, parseBlock } from './address-block.ts';
import { EcsdemoError } from './errors.ts';
import { quoted } from './quoted.ts';
import { nearest } from './nearest.ts';
import type { SuggestedFlags, Suggestion } from './suggestion.ts';

/** Where a value came from, as a person would name it: '--count' or 'ECSDEMO_COUNT'. */
export type Source = string;

export type Parse<Value> = (text: string, source: Source) => Value;

/**
 * @param suggestions better values are `{ flags: { path: '/health' } }`
 * @throws EcsdemoError `usage`, always: one sentence with the source and the wrong value in it.
 */
export function refuse(source: Source, text: string, why: string, ...suggestions: Suggestion[]): never {
  throw new EcsdemoError('usage', `${source} ${quoted(text)} ${why}`, { suggestions });
}

/** A whole number from `min` to `max`, both included. */
export function integer(min: number, max: number): Parse<number> {
  return (text, source) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) refuse(source, text, `is not a whole number from ${min} to ${max}`);
    return value;
  };
}

/** One of a few words; a near miss is told what it may have meant. `what` completes the sentence 'is not …'. */
export function oneOf(words: readonly string[], what: string): Parse<string> {
  return (text, source) => {
    if (words.includes(text)) return text;
    const meant = nearest(
      text
        .trim()
        .toLowerCase()
        .replaceAll(/[\s_]+/g, '-'),
      words,
    );
    const why = `is not ${what}${meant === undefined ? '' : `; did you mean "${meant}"?`} (${words.join(', ')})`;
    return refuse(
      source,
      text,
      why,
      ...(meant === undefined || !source.startsWith('--') ? [] : [{ flags: { [source.slice(2)]: meant } }]),
    );
  };
}

/** Text that matches `pattern` as a whole; `what` completes the sentence 'is not …'. */
export function shaped(pattern: RegExp, what: string, example: string): Parse<string> {
  return (text, source) => {
    if (!pattern.test(text)) refuse(source, text, `is not ${what}, such as ${example}`);
    return text;
  };
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** At least a second and at most `most`, itself a duration. A bare number is refused: nobody can tell seconds from minutes. */
function durationUpTo(most: string, units: readonly string[], examples: string): Parse<number> {
  // Each unit at most once, the larger before the smaller: 1m1m is a slip of the keyboard.
  const shape = new RegExp(`^(?=\\d)${units.map((unit) => `(\\d{1,9}${unit})?`).join('')}$`);
  const inMs = (text: string): number =>
    [...text.matchAll(/(\d+)(ms|[smhd])/g)].reduce(
      (total, [, digits, unit]) => total + Number(digits) * (unitMs[unit ?? ''] ?? 0),
      0,
    );
  return (text, source) => {
    if (!shape.test(text)) refuse(source, text, `is not a duration: a number with its unit, such as ${examples}`);
    const total = inMs(text);
    if (total < 1000 || total > inMs(most)) refuse(source, text, `is not between 1s and ${most}`);
    return total;
  };
}

/** '600s', '10m', '1h30m' in milliseconds: how long a command may take. */
export const duration = durationUpTo('24h', ['h', 'm', 's', 'ms'], '90s, 10m or 1h30m');

/** '2h', '7d', '1d12h' in milliseconds: how long a demo may live, or has lived. */
export const lifetime = durationUpTo('365d', ['d', 'h', 'm', 's', 'ms'], '90m, 2h or 7d');

/** The words people use for yes and no in environment variables. */
export const flagOnOff: Parse<boolean> = (text, source) => {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(|0|false|no|off)$/i.test(text)) return false;
  return refuse(source, text, 'is neither yes nor no; use 1 or 0');
};

/** A block of IPv4 or IPv6 addresses. Host bits are left as given: EC2 canonicalises them itself (aws-facts §1.5). */
export const cidr: Parse<string> = (text, source) => {
  if (isAddress(text)) refuse(source, text, 'has no prefix length', { flags: { 'ssh-from': blockOf(text) } });
  if (parseBlock(text) === undefined)
    refuse(source, text, 'is not a block of addresses, such as 203.0.113.7/32 or 2001:db8::/32');
  return text;
};

/** An EC2 id of that prefix with 8 or 17 hex digits: both lengths exist on AWS. */
export function ec2Id(prefix: string): Parse<string> {
  const pattern = new RegExp(`^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`);
  return shaped(pattern, `an id of the form ${prefix}-…`, `${prefix}-0123456789abcdef0`);
}

/** Comma-separated values, each parsed by `parse`; at least `least` of them and none twice. */
export function listOf(parse: Parse<string>, least: number): Parse<string[]> {
  return (text, source) => {
    const parts = text.split(',').map((part) => part.trim());
    if (parts.includes('')) refuse(source, text, 'has an empty place between its commas');
    const values = parts.map((part) => parse(part, source));
    if (values.length < least) refuse(source, text, `names ${values.length}, and at least ${least} are needed`);
    if (new Set(values).size < values.length) refuse(source, text, 'names one of them twice');
    return values;
  };
}

/** The path that was meant: of a whole URL, or what lacks only its slash. */
function pathInside(text: string): { flags: SuggestedFlags }[] {
  const [, path = '/'] = /^https?:\/\/[^/]*(\/[^?#\s]*)?/.exec(text) ?? [];
  if (/^https?:/.test(text)) return [{ flags: { path } }];
  return /^[\w.\-/]*$/.test(text) ? [{ flags: { path: `/${text}` } }] : [];
}

/** A path on the load balancer. */
export const urlPath: Parse<string> = (text, source) => {
  if (!text.startsWith('/')) refuse(source, text, "does not start with '/'", ...pathInside(text));
  if (text.length > 1024) refuse(source, text, `is ${text.length} characters long; ELB allows 1024`);
  if (!/^[\x21-\x7e]+$/.test(text) || /[?#]/.test(text))
    refuse(source, text, 'is not a plain path: no blanks, no ?, no #, nothing but ASCII');
  return text;
};

/**
 * A container's command: a JSON array of strings, or words with '…' and "…" around what belongs together.
 * Split here and never by a shell, so `$`, `;` and `|` are plain characters.
 */
export const commandWords: Parse<string[]> = (text, source) => {
  if (text.trimStart().startsWith('[')) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (cause) {
      refuse(source, text, `is not a JSON array: ${(cause as Error).message.replace(/ in JSON at position.*$/s, '')}`);
    }
    if (!Array.isArray(parsed) || parsed.length === 0 || !parsed.every((word) => typeof word === 'string')) {
      refuse(source, text, 'is not a JSON array of strings');
    }
    return parsed;
  }
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [whole = ''] = /^(?:"[^"]*"|'[^']*'|[^\s"'])+/.exec(rest) ?? [];
    if (whole === '') refuse(source, text, 'has a quote that is not closed');
    words.push(
      whole.replaceAll(/"([^"]*)"|'([^']*)'/g, (_all, double?: string, single?: string) => double ?? single ?? ''),
    );
    const after = rest.slice(whole.length);
    if (after !== '' && !/^\s/.test(after)) refuse(source, text, 'has a quote that is not closed');
    rest = after.trimStart();
  }
  if (words.length === 0) refuse(source, text, 'is empty');
  return words;
};
