import { expect, it } from 'vitest';
import { inAscii, wantsAscii } from '../../src/ui/ascii.ts';

it.each([
  [{}, false],
  [{ LANG: 'C' }, true],
  [{ LANG: 'POSIX' }, true],
  [{ LANG: 'C.UTF-8' }, false],
  [{ LANG: 'en_US.utf8' }, false],
  [{ LANG: 'de_DE.ISO-8859-1' }, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, true],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, false],
  [{ LANG: 'C', LC_ALL: '' }, true],
  [{ LANG: 'de_DE.UTF-8@euro' }, false],
  [{ TERM: 'linux', LANG: 'C.UTF-8' }, true],
])('of the locale %j', (env, ascii) => {
  expect(wantsAscii(env)).toBe(ascii);
});

it.each([
  ['✔ 1 Cluster · created', '+ 1 Cluster . created'],
  ['✖ failed – 2 × x → y', 'x failed - 2 x x > y'],
  ['starting …', 'starting ...'],
  ['Load balanc…', 'Load balanc~'],
  ['vpc-…,subnet-…', 'vpc-...,subnet-...'],
  ['the name is Müller', 'the name is Müller'],
])('%s becomes %s', (text, plain) => {
  expect(inAscii(text)).toBe(plain);
});
