// The flags that have a letter of their own, as most programs have them (https://clig.dev/#arguments-and-flags). A name is
// never given by a letter: -n is --dry-run, and who means --name must not get by a slip what was not meant.

export const letters = { yes: 'y', 'dry-run': 'n', quiet: 'q', verbose: 'v' } as const;

/** '-n' → 'dry-run', '--dry-run=…' → 'dry-run'; '': it is no flag. */
export function flagName(word: string): string {
  const [, long] = /^--([^=]+)/.exec(word) ?? [];
  const [short] = Object.entries(letters).find(([, letter]) => word === `-${letter}`) ?? [];
  return long ?? short ?? '';
}
