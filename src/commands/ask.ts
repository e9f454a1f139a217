// A yes-or-no question on the terminal. Only asked of people: a script is told which flag to pass instead.
import { createInterface } from 'node:readline/promises';
import { EcsdemoError } from '../base/errors.ts';

/** True when somebody can be asked: keyboard and screen are both there. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Resolves when the answer is yes.
 * @throws EcsdemoError `declined` for any other answer, `interrupted` on Ctrl-C
 */
export async function confirm(question: string, signal: AbortSignal): Promise<void> {
  const keyboard = createInterface({ input: process.stdin, output: process.stderr });
  const left = new AbortController();
  // readline takes Ctrl-C and Ctrl-D for itself while it reads.
  keyboard.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  keyboard.on('close', () => left.abort());
  try {
    const answer = await keyboard.question(`${question} [y/N] `, { signal: AbortSignal.any([signal, left.signal]) });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (error) {
    if (signal.aborted) throw new EcsdemoError('interrupted', 'interrupted');
    if (!left.signal.aborted) throw error;
  } finally {
    keyboard.close();
  }
  throw new EcsdemoError('declined', 'nothing was changed: the question was not answered with yes');
}
