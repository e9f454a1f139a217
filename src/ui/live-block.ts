// Lines at the bottom of a terminal that are drawn again and again, and the only code that moves the cursor. What the lines
// say it does not know. Every library for this either erases too little when lines come and go, or needs a newer Node.
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { widthOf } from './format.ts';

export interface LiveBlock {
  /** Draws these lines in place of those before; each must fit the screen. None: nothing is left of the block. */
  draw(lines: readonly string[]): void;
  /** Writes text above the block, for good. */
  above(text: string): void;
  /** Takes the block away and shows the cursor again. */
  clear(): void;
}

const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';

export function createLiveBlock(stream: NodeJS.WriteStream): LiveBlock {
  let drawn: readonly string[] = [];
  let hidden = false;
  const show = (): void => {
    if (hidden) stream.write(showCursor);
    hidden = false;
  };
  /** A terminal that was made narrower has broken the lines meanwhile. */
  const heightOf = (lines: readonly string[]): number =>
    lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / (stream.columns || 80))), 0);
  const erase = (): void => {
    if (drawn.length === 0) return;
    moveCursor(stream, 0, -heightOf(drawn));
    cursorTo(stream, 0);
    clearScreenDown(stream);
    drawn = [];
  };
  const write = (lines: readonly string[]): void => {
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
    drawn = lines;
  };
  return {
    draw(lines) {
      if (lines.length === drawn.length && lines.every((line, index) => line === drawn[index])) return;
      stream.cork();
      if (!hidden && lines.length > 0) {
        // Also when the process ends without being asked: the shell's cursor must not stay hidden.
        process.once('exit', show);
        stream.write(hideCursor);
        hidden = true;
      }
      erase();
      write(lines);
      stream.uncork();
    },
    above(text) {
      const lines = drawn;
      stream.cork();
      erase();
      stream.write(`${text}\n`);
      write(lines);
      stream.uncork();
    },
    clear() {
      erase();
      show();
      process.off('exit', show);
    },
  };
}
