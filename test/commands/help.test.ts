import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes, exitCodes } from '../../src/base/errors.ts';
import { errorCodeLines, exitCodeLines, shortHelp } from '../../src/commands/help.ts';
import { commands } from '../../src/commands/table.ts';
import { packageJson, packageRoot } from '../../src/commands/package-root.ts';

describe('help', () => {
  it('starts with an example and names every command, in 120 columns', () => {
    const lines = shortHelp().split('\n');
    expect(lines[2]).toContain('ecsdemo up --local');
    const named = lines.slice(lines.indexOf('COMMANDS') + 1).filter((line) => line.startsWith('  '));
    expect(named).toHaveLength(Object.keys(commands).length);
    expect(lines.every((line) => line.length <= 120)).toBe(true);
  });

  it('lists every exit code and every error code', () => {
    expect(exitCodeLines().map((line) => Number.parseInt(line, 10))).toEqual([0, ...Object.values(exitCodes)]);
    expect(errorCodeLines().map((line) => line.split(' ')[0])).toEqual(Object.keys(errorCodes));
  });
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
