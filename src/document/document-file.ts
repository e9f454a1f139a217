// A person's own file, read as text: only a plain file, only of a sensible size, only Unicode. Knows nothing of what is in
// it.
import { type Stats, readFileSync, statSync } from 'node:fs';
import { Unusable } from './unusable.ts';

/** ECS takes 64 KiB of task definition; laid out with blanks a file may be a few times that. */
export const maxFileBytes = 512 * 1024;

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
 * @throws Unusable
 */
export function readDocument(file: string): string {
  const bytes = onDisk(() => {
    const problem = kindOf(statSync(file));
    if (problem !== undefined) throw new Unusable(problem);
    return readFileSync(file);
  });
  try {
    // The decoder takes the byte order mark away, which JSON does not allow and Windows editors write.
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new Unusable('is not a text in UTF-8 or UTF-16: save it as UTF-8');
  }
}

/** PowerShell 5 writes what is redirected with `>` in UTF-16; its byte order mark tells. */
function encodingOf(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  return mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
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
    if (error instanceof Unusable) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Unusable(reasons[code] ?? `cannot be read: ${message}`);
  }
}
