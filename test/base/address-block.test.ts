import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, isAddress, parseBlock } from '../../src/base/address-block.ts';

describe('a block of addresses', () => {
  it.each([
    ['100.68.0.18/18', '100.68.0.0/18'],
    ['203.0.113.7/32', '203.0.113.7/32'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['10.1.2.3/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:DB8:0:0:0:0:0:1/32', '2001:db8::/32'],
    ['2001:db8::ff00:42:8329/128', '2001:db8::ff00:42:8329/128'],
    ['2001:db8:ffff:ffff::/35', '2001:db8:e000::/35'],
    ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
  ])('%s is %s to AWS', (given, text) => {
    expect(parseBlock(given)?.text).toBe(text);
  });

  it.each([
    '',
    'home',
    '1.2.3.4',
    '::1',
    '1.2.3/8',
    '1.2.3.256/8',
    '1.2.3.4/33',
    '1.2.3.4/8/8',
    '01.2.3.4/8',
    '1.2.3.4/-1',
    '1.2.3.4/',
    '2001:db8::/129',
    '1::2::3/64',
    'fe80::1%eth0/64',
    '[::1]/64',
  ])('%o is none', (text) => {
    expect(parseBlock(text)).toBeUndefined();
  });

  it('is its own canonical form, and holds the address it was made of', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(32), (address, bits) => {
        const once = parseBlock(`${address}/${bits}`)?.text ?? '';
        expect(parseBlock(once)?.text).toBe(once);
        expect(isAddress(address)).toBe(true);
        expect(parseBlock(`${address}/${blockOf(address).split('/')[1]}`)?.bits).toBe(address.includes(':') ? 128 : 32);
      }),
    );
  });
});
