// The two edits of sed that boot scripts make: `/…/d` and `s/…/…/`. Pure.

/** @returns the text after the edit; undefined when the expression is another, or one that could take long */
export function edited(text: string, expression: string): string | undefined {
  // Each star multiplies the work of a match that fails.
  if (expression.split('*').length > 3) return undefined;
  const lines = text.split('\n');
  const deletion = /^\/(.*)\/d$/.exec(expression);
  if (deletion !== null) {
    const pattern = plain(deletion[1] ?? '');
    return lines.filter((line) => !pattern.test(line)).join('\n');
  }
  const replacement = /^s(.)(.*?)\1(.*?)\1g?$/.exec(expression);
  if (replacement === null) return undefined;
  const pattern = plain(replacement[2] ?? '', expression.endsWith('g') ? 'g' : '');
  return lines.map((line) => line.replace(pattern, () => replacement[3] ?? '')).join('\n');
}

/** A pattern of plain text, `^`, `$`, `.` and `*`: in sed all else stands for itself, or is not played. */
function plain(pattern: string, flags = ''): RegExp {
  return new RegExp(pattern.replaceAll(/[+?{}()|[\]\\]/g, '\\$&'), flags);
}
