// What a person typed wrong, in our words: oclif's parse errors and unknown commands become EcsdemoError `usage`.
import { EcsdemoError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';

interface OclifParseError {
  message: string;
  flags?: unknown;
  args?: unknown;
  parse?: unknown;
  oclif?: unknown;
}

function isParseError(error: unknown): error is OclifParseError {
  return error instanceof Error && !(error instanceof EcsdemoError) && ('parse' in error || 'oclif' in error);
}

/** 'sandbox:start' → 'sandbox start' */
export function spoken(id: string): string {
  return id.replaceAll(':', ' ');
}

/**
 * @param id the command that was run; @param flags the names of its flags, without dashes
 * @returns undefined when the error is not one of parsing
 */
export function usageErrorOf(error: unknown, id: string, flags: readonly string[]): EcsdemoError | undefined {
  if (!isParseError(error)) return undefined;
  const help = `ecsdemo ${spoken(id)} --help`;
  if (Array.isArray(error.flags)) {
    const given = error.flags.map(String);
    const meant = given.map((flag) => nearest(flag.replace(/^-+/, ''), flags)).find((flag) => flag !== undefined);
    return new EcsdemoError(
      'usage',
      `${spoken(id)} has no flag ${given.join(', ')}${meant === undefined ? '' : `; did you mean --${meant}?`}`,
      { suggestions: [help] },
    );
  }
  if (Array.isArray(error.args) && error.message.startsWith('Unexpected')) {
    const given = error.args.map((each) => `"${String(each)}"`).join(', ');
    return new EcsdemoError('usage', `${spoken(id)} takes no argument: ${given}`, { suggestions: [help] });
  }
  const [first = 'cannot be understood'] = error.message
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(See more help|The following error)/.test(line));
  const sentence = first.trim();
  return new EcsdemoError('usage', sentence.charAt(0).toLowerCase() + sentence.slice(1), {
    suggestions: [help],
    cause: error,
  });
}

/** @param ids all commands, as oclif spells them */
export function unknownCommand(words: readonly string[], ids: readonly string[]): EcsdemoError {
  const known = ids.map(spoken);
  const meant = nearest(words.join(' '), known) ?? nearest(words[0] ?? '', known);
  return new EcsdemoError(
    'usage',
    `there is no command "${words.join(' ')}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    { suggestions: meant === undefined ? ['ecsdemo --help'] : [`ecsdemo ${meant} --help`, 'ecsdemo --help'] },
  );
}
