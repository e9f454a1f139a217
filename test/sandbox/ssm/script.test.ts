import { describe, expect, it } from 'vitest';
import { parseScript } from '../../../src/sandbox/ssm/script.ts';

const words = (script: string): string[][] => parseScript(script).map((step) => step.words);

describe('parseScript', () => {
  it.each<[string, string[][]]>([
    ['echo a b', [['echo', 'a', 'b']]],
    [
      'echo a; echo b\n\necho c',
      [
        ['echo', 'a'],
        ['echo', 'b'],
        ['echo', 'c'],
      ],
    ],
    [`docker ps --format '{{.Names}}\\t{{.Ports}}'`, [['docker', 'ps', '--format', '{{.Names}}\\t{{.Ports}}']]],
    ['echo "a \\"b\\"" c\\ d', [['echo', 'a "b"', 'c d']]],
    ['echo a # b\n# c', [['echo', 'a']]],
    ['curl \\\n -s x', [['curl', '-s', 'x']]],
    ["echo ''", [['echo', '']]],
    ['', []],
  ])('reads %o', (script, expected) => {
    expect(words(script)).toEqual(expected);
    expect(parseScript(script).every((step) => step.refused === undefined)).toBe(true);
  });

  it('joins steps with && and ||, and knows redirections into the void', () => {
    expect(parseScript('a 2>/dev/null && b 2>&1 || c > /dev/null')).toMatchObject([
      { words: ['a'], runs: 'always', discards: { stdout: false, stderr: true, merge: false } },
      { words: ['b'], runs: 'after success', discards: { stdout: false, stderr: false, merge: true } },
      { words: ['c'], runs: 'after failure', discards: { stdout: true, stderr: false, merge: false } },
    ]);
  });

  it.each([
    'a | b',
    'a $(b)',
    'a `b`',
    'echo $HOME',
    'echo "$(id)"',
    'a > /etc/passwd',
    'a < b',
    '(a)',
    'a &',
    "echo 'a",
    'a 2>/tmp/x',
  ])('refuses %s', (script) => {
    expect(parseScript(script).some((step) => step.refused !== undefined)).toBe(true);
  });
});
