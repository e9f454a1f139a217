// Answers a shell that asks for completion: what is known on this machine, and the lines as that shell takes them.
import { loadSharedConfigFiles } from '@smithy/core/config';
import { tagKeys } from '../base/names.ts';
import { chapters } from '../chapters/all.ts';
import { faultNames, findSandbox, readWorld, sandboxDir } from '../sandbox/control.ts';
import { complete, type Candidate } from './complete.ts';
import { shells } from './shells.ts';
import { commands } from './table.ts';

async function demos(): Promise<string[]> {
  const connection = await findSandbox(sandboxDir(process.env));
  if (connection === undefined) return [];
  const { tables } = await readWorld(connection);
  const records: { tags?: readonly { key: string; value: string }[] }[] = Object.values(tables).flatMap(Object.values);
  const names = records.flatMap(({ tags = [] }) => tags.filter(({ key }) => key === tagKeys.demo));
  return [...new Set(names.map(({ value }) => value))].toSorted();
}

async function profiles(): Promise<string[]> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  return [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])].filter(
    (name) => !/^(sso-session|services)[. ]/.test(name),
  );
}

/** A candidate as the shell takes it: zsh ends the word at a colon, fish at a tab, bash knows words alone. */
function lineOf({ word, description }: Candidate, shell: string): string {
  if (shell === 'bash' || description === undefined) return shell === 'zsh' ? word.replaceAll(':', '\\:') : word;
  return shell === 'zsh' ? `${word.replaceAll(':', '\\:')}:${description}` : `${word}\t${description}`;
}

/** The lines for the shell, ':files' for the names of files. A failure is no candidates: nobody reads errors while typing. */
export async function completedWords(shell: string, words: readonly string[]): Promise<string[]> {
  try {
    const known = { commands, chapters, shells, faults: faultNames, demos, profiles };
    const found = await complete(words, known);
    return found === 'files' ? [':files'] : found.candidates.map((each) => lineOf(each, shell));
  } catch {
    return [];
  }
}
