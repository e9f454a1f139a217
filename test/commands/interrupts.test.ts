import { expect, it, onTestFinished, vi } from 'vitest';
import { watchInterrupts } from '../../src/commands/interrupts.ts';

/** Listens as a command does; nothing but what it says happens, and all is as before when the test ends. */
function watched() {
  const said: string[] = [];
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  const interrupts = watchInterrupts(
    () => said.push('heard'),
    () => said.push('last words'),
  );
  onTestFinished(() => {
    interrupts.stop();
    exit.mockRestore();
    for (const signal of signals)
      for (const listener of process.listeners(signal))
        if (before.get(signal)?.includes(listener) !== true) process.off(signal, listener);
  });
  return { said, interrupts };
}

it('the first Ctrl-C asks the run to stop, the second says what is to be said and ends it at once', () => {
  const { said, interrupts } = watched();
  process.emit('SIGINT');
  expect([said, interrupts.signal.aborted]).toEqual([['heard'], true]);
  expect(() => process.emit('SIGINT')).toThrow('exit 130');
  expect(said).toEqual(['heard', 'last words']);
});

it('a Ctrl-C after the run has said its last says nothing more', () => {
  const { said, interrupts } = watched();
  process.emit('SIGINT');
  interrupts.stop();
  expect(() => process.emit('SIGINT')).toThrow('exit 130');
  expect(said).toEqual(['heard']);
});
