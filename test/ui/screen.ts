// A terminal that nobody looks at: what a program writes to it, as it stands on its screen. An emulator does the work.
import xterm from '@xterm/headless';

export interface Screen {
  /** As `process.stderr`: a terminal of this size. */
  stream: NodeJS.WriteStream;
  /** What stands there, scrolled-off lines first; blank lines at the end left out. */
  lines(): Promise<string[]>;
  resize(columns: number, rows: number): void;
  /** All that was written, as it was. */
  raw(): string;
}

export function aScreen(columns = 80, rows = 24): Screen {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 1000,
    allowProposedApi: true,
    convertEol: true,
  });
  let written = '';
  const stream = {
    isTTY: true,
    columns,
    rows,
    cork: () => undefined,
    uncork: () => undefined,
    write(text: string) {
      written += text;
      terminal.write(text);
      return true;
    },
  };
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    raw: () => written,
    resize(width, height) {
      Object.assign(stream, { columns: width, rows: height });
      terminal.resize(width, height);
    },
    async lines() {
      await new Promise<void>((resolve) => terminal.write('', resolve));
      const { active } = terminal.buffer;
      const all = Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? '');
      return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
    },
  };
}
