import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes, exitCodes } from '../../src/base/errors.ts';
import { errorCodeLines, exitCodeLines, helpWidth, shortHelp, topicHelp } from '../../src/commands/help.ts';
import { commands } from '../../src/commands/table.ts';
import { packageJson, packageRoot } from '../../src/base/package-root.ts';

describe('help', () => {
  it('starts with an example and names every command, in 80 columns', () => {
    const lines = shortHelp().split('\n');
    expect(lines[3]).toContain('ecsdemo up --local');
    const named = lines.slice(lines.indexOf('COMMANDS') + 1).filter((line) => line.startsWith('  '));
    // What does not fit goes on below, further in.
    expect(named.filter((line) => /^ {2}\S/.test(line))).toHaveLength(Object.keys(commands).length);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('lists every exit code and every error code', () => {
    const starts = (lines: string[]): string[] =>
      lines.filter((line) => /^\S/.test(line)).map((line) => line.split(' ')[0] ?? '');
    expect(starts(exitCodeLines()).map(Number)).toEqual([0, ...Object.values(exitCodes)]);
    expect(starts(errorCodeLines())).toEqual(Object.keys(errorCodes));
    expect([...exitCodeLines(), ...errorCodeLines()].filter((line) => line.length > 80)).toEqual([]);
  });
});

describe.each([80, 60, 40])('help on a terminal of %i columns', (width) => {
  it('fits, and runs no words together', () => {
    const lines = [shortHelp(width), topicHelp('sandbox', width), ...errorCodeLines(width), ...exitCodeLines(width)]
      .join('\n')
      .split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    for (const id of Object.keys(commands).map((each) => each.replaceAll(':', ' ')))
      expect(lines.some((line) => line.trim() === id || line.startsWith(`  ${id}  `))).toBe(true);
  });
});

it('help is as wide as the terminal, and no wider than a page', () => {
  expect([{ columns: 40 }, { columns: 200 }, { columns: 0 }, {}].map(helpWidth)).toEqual([40, 80, 80, 80]);
});

describe('the package', () => {
  it('has no dependencies at run time and starts from bin/run.js', () => {
    const described = packageJson() as unknown as Record<string, unknown>;
    expect(described['dependencies']).toBeUndefined();
    expect(described['bin']).toEqual({ ecsdemo: 'bin/run.js' });
    expect(readFileSync(`${packageRoot()}/bin/run.js`, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('locks no registry host', () => {
    expect(readFileSync(`${packageRoot()}/package-lock.json`, 'utf8')).not.toMatch(/"resolved": "https?:/);
  });
});
