// Any text as the value of a tag, and back. Load balancing takes letters, digits, spaces and + - = . _ : / @, and 256 of them
// (aws-facts §15); what it does not take becomes '=' and two hexadecimal digits for each byte. Pure.

const longest = 256;

/** Undefined: it is too long for a tag. */
export function toTagText(text: string): string | undefined {
  const value = text
    .replaceAll(/[^A-Za-z0-9 +\-._:/@]/gu, (character) =>
      [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    )
    // Blanks at the ends are not kept everywhere, and what begins so is AWS's own.
    .replace(/^ | $/g, '=20')
    .replace(/^aws:/i, (prefix) => `=${prefix.charCodeAt(0).toString(16)}${prefix.slice(1)}`);
  return value.length > longest ? undefined : value;
}

/** What `toTagText` was given. */
export function fromTagText(value: string): string {
  const bytes = value.replaceAll('%', '%25').replaceAll(/=([0-9A-F]{2})/gi, '%$1');
  try {
    return decodeURIComponent(bytes);
  } catch {
    // Somebody wrote it by hand.
    return value;
  }
}
