// A person's own file, read as text: only a plain file, only of a sensible size, only UTF-8. Knows nothing of what is in it.
import { type Stats, readFileSync, statSync } from 'node:fs';

/** ECS takes 64 KiB of task definition; laid out with blanks a file may be a few times that. */
export const maxFileBytes = 512 * 1024;

/** Says in words why a file cannot be read: the end of the sentence 'task definition file "x" …'. */
export class Unreadable extends Error {}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is a file',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ELOOP: 'is a symbolic link that leads to itself',
  ENAMETOOLONG: 'has a name longer than this system allows',
  EISDIR: 'is a directory',
};

/**
 * The text of a file, without a byte order mark.
 * @throws Unreadable
 */
export function readDocument(file: string): string {
  const bytes = onDisk(() => {
    const problem = kindOf(statSync(file));
    if (problem !== undefined) throw new Unreadable(problem);
    return readFileSync(file);
  });
  try {
    // The decoder takes the byte order mark away, which JSON does not allow and Windows editors write.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable('is not a text in UTF-8');
  }
}

/** Undefined for a plain file of a size that can be read. A pipe or device would hold the program for as long as it likes. */
function kindOf(found: Stats): string | undefined {
  if (found.isDirectory()) return 'is a directory';
  if (!found.isFile()) return 'is not a plain file: save what it gives into one';
  if (found.size > maxFileBytes)
    return `is ${Math.ceil(found.size / 1024)} KiB large; ECS takes 64 KiB of task definition`;
  return undefined;
}

function onDisk<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Unreadable(reasons[code] ?? `cannot be read: ${message}`, { cause: error });
  }
}
