import { expect, it, onTestFinished, vi } from 'vitest';
import { watchInterrupts } from '../../src/commands/interrupts.ts';

function watched() {
  const said: string[] = [];
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    said.push(`exit ${code}`);
    return undefined as never;
  });
  const before = process.listeners('SIGINT');
  const interrupts = watchInterrupts(
    () => said.push('heard'),
    () => said.push('last words'),
  );
  onTestFinished(() => {
    interrupts.stop();
    for (const listener of process.listeners('SIGINT')) if (!before.includes(listener)) process.off('SIGINT', listener);
    for (const listener of process.listeners('SIGTERM'))
      if (`${listener}`.includes('graceMs')) process.off('SIGTERM', listener);
    exit.mockRestore();
  });
  return { said, interrupts };
}

it('the first Ctrl-C asks the run to stop, the second says what is to be said and ends it at once', () => {
  const { said, interrupts } = watched();
  process.emit('SIGINT');
  expect([said, interrupts.signal.aborted]).toEqual([['heard'], true]);
  process.emit('SIGINT');
  expect(said).toEqual(['heard', 'last words', 'exit 130']);
});

it('a Ctrl-C after the run has said its last says nothing more', () => {
  const { said, interrupts } = watched();
  process.emit('SIGINT');
  interrupts.stop();
  process.emit('SIGINT');
  expect(said).toEqual(['heard', 'exit 130']);
});
