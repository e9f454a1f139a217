// The rules for tags, which all services share, and how tags are laid over others; each service has its own words for what
// breaks a rule. Pure.
import type { Tag } from './world.ts';

/** AWS's limit per resource. */
export const maxTags = 50;

const usuallyAllowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The error for each rule that a tag can break. */
export interface TagWords {
  /** No key, or one of more than 128 characters. */
  keyLength(key: string): Error;
  /** More than 256 characters. */
  valueLength(key: string, value: string): Error;
  /** `aws:` is AWS's own. */
  reserved(key: string): Error;
  /** Absent: the service takes any. `broken`: which of the two has them. */
  characters?(tag: Tag, broken: 'key' | 'value'): Error;
  /** What a key or a value may be. @default letters, digits, spaces and `_.:/=+-@` */
  allowed?: RegExp;
  duplicate(key: string): Error;
  /** More than 50. */
  tooMany(): Error;
  /** IAM's keys are one whatever their case. */
  ignoresCase?: true;
}

/** The tags of a request. @throws what the words say. */
export function checkTags(sent: readonly Tag[], words: TagWords): Tag[] {
  const seen = new Set<string>();
  const allowed = words.allowed ?? usuallyAllowed;
  for (const { key, value } of sent) {
    if (key.length < 1 || key.length > 128) throw words.keyLength(key);
    if (value.length > 256) throw words.valueLength(key, value);
    if (/^aws:/i.test(key)) throw words.reserved(key);
    if (words.characters !== undefined && !allowed.test(key)) throw words.characters({ key, value }, 'key');
    if (words.characters !== undefined && !allowed.test(value)) throw words.characters({ key, value }, 'value');
    if (seen.has(sameKey(key, words))) throw words.duplicate(key);
    seen.add(sameKey(key, words));
  }
  if (sent.length > maxTags) throw words.tooMany();
  return [...sent];
}

/** `added` over `existing`: a key that is there gets the new value. @throws when that is too many. */
export function mergeTags(existing: readonly Tag[], added: readonly Tag[], words: TagWords): Tag[] {
  const replaced = new Set(added.map(({ key }) => sameKey(key, words)));
  const merged = [
    ...existing.filter(({ key }) => !replaced.has(sameKey(key, words))),
    ...added.map((tag) => ({ ...tag })),
  ];
  if (merged.length > maxTags) throw words.tooMany();
  return merged;
}

const sameKey = (key: string, { ignoresCase }: TagWords): string => (ignoresCase ? key.toLowerCase() : key);
