// A text that somebody typed, or that came from an account or a task, as it can be shown: never able to move the cursor, to
// colour the screen or to turn the direction of writing. Pure.

/** Longer texts are cut: nobody finds a mistake in five thousand characters. */
const longest = 120;

/** Control characters, and those that turn the direction of writing or take no room. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** 'a⏎b' → '"a\nb"'; what cannot be seen becomes its JSON escape, other quotes and backslashes stay as they are. */
export function quoted(text: string): string {
  const shown = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return `"${shown.replaceAll(unseen, escaped)}"`;
}

/** For text that is no single value: '\u001B[31m' → '\\x1b[31m'. Line breaks and tabs may stay. */
export function visible(text: string): string {
  return text.replaceAll(unseen, (character) => {
    if (character === '\n' || character === '\t') return character;
    return character < '\u0100' && character !== '\r'
      ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
      : escaped(character);
  });
}

/** The text of a JSON document with its unseen characters escaped too, which JSON itself leaves as they are. */
export function escapedJson(text: string): string {
  return text.replaceAll(unseen, (character) =>
    character === '\n'
      ? character
      : character
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

function escaped(character: string): string {
  const short = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` }[character];
  return short ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** An argument as a shell takes it. The ellipsis stands for what a person must fill in and needs no quotes. */
export function pasteable(word: string): string {
  return /^[\w@%+=:,./…-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
