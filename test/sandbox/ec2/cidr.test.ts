import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalIpv4,
  canonicalIpv6,
  containsIpv4,
  formatIpv4,
  parseIpv4,
  parseIpv4Block,
} from '../../../src/sandbox/ec2/cidr.ts';

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const prefix = fc.integer({ min: 0, max: 32 });

describe('IPv4 blocks', () => {
  it('read and write addresses without loss', () => {
    fc.assert(
      fc.property(address, (number) => {
        expect(parseIpv4(formatIpv4(number))).toBe(number);
      }),
    );
  });

  it('are canonical once, and contain the address they were made from', () => {
    fc.assert(
      fc.property(address, prefix, (number, length) => {
        const canonical = canonicalIpv4(`${formatIpv4(number)}/${length}`) ?? '';
        expect(canonicalIpv4(canonical)).toBe(canonical);
        expect(containsIpv4(canonical, `${formatIpv4(number)}/32`)).toBe(true);
        expect((parseIpv4Block(canonical)?.first ?? 1) % (parseIpv4Block(canonical)?.size ?? 1)).toBe(0);
      }),
    );
  });

  it('contain the longer prefixes of the same address and not the shorter', () => {
    fc.assert(
      fc.property(address, prefix, prefix, (number, a, b) => {
        const [wide, narrow] = [Math.min(a, b), Math.max(a, b)];
        expect(containsIpv4(`${formatIpv4(number)}/${wide}`, `${formatIpv4(number)}/${narrow}`)).toBe(true);
        if (wide !== narrow)
          expect(containsIpv4(`${formatIpv4(number)}/${narrow}`, `${formatIpv4(number)}/${wide}`)).toBe(false);
      }),
    );
  });

  it.each(['', '1.2.3.4', '1.2.3/8', '1.2.3.256/8', '1.2.3.4/33', '1.2.3.4/8/8', 'a.b.c.d/8', '1.2.3.4/-1'])(
    'refuse %o',
    (text) => {
      expect(canonicalIpv4(text)).toBeUndefined();
    },
  );
});

it.each([
  ['::/0', '::/0'],
  ['2001:DB8:0:0:0:0:0:1/32', '2001:db8::/32'],
  ['2001:db8::ff00:42:8329/128', '2001:db8::ff00:42:8329/128'],
  ['fe80::1%eth0/64', undefined],
  ['1::2::3/64', undefined],
])('writes the IPv6 block %s as %s', (text, canonical) => {
  expect(canonicalIpv6(text)).toBe(canonical);
});
