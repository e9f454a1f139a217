// A text that somebody typed, as it can be shown again: in quotes, on one line, and never able to move the cursor.
// Pure.

/** Longer texts are cut: nobody finds a mistake in five thousand characters. */
const longest = 120;

/** Control characters, and those that turn the direction of writing or take no room. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** 'a⏎b' → '"a\nb"'; what cannot be seen becomes its JSON escape, other quotes and backslashes stay as they are. */
export function quoted(text: string): string {
  const shown = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return `"${shown.replaceAll(unseen, escaped)}"`;
}

/** The same without quotes, for text that is no single value; line breaks may stay. */
export function visible(text: string): string {
  return text.replaceAll(unseen, (character) => (character === '\n' ? character : escaped(character)));
}

function escaped(character: string): string {
  const short = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` }[character];
  return short ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** An argument as a shell takes it. The ellipsis stands for what a person must fill in and needs no quotes. */
export function pasteable(word: string): string {
  return /^[\w@%+=:,./…-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
