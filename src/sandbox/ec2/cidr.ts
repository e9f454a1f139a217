// IPv4 and IPv6 blocks: reading, canonical form, containment. Pure arithmetic; knows nothing of EC2.
import { parseBlock } from '../../base/address-block.ts';

/** The 32-bit number of a dotted IPv4 address; undefined when it is none. */
export function parseIpv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (parts === null) return undefined;
  let address = 0;
  for (const part of parts.slice(1)) {
    const octet = Number(part);
    if (octet > 255) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export interface Ipv4Block {
  first: number;
  prefix: number;
  /** How many addresses it holds. */
  size: number;
}

/** Reads `a.b.c.d/n` and drops the host bits, as EC2 does (100.68.0.18/18 is 100.68.0.0/18); undefined when malformed. */
export function parseIpv4Block(text: string): Ipv4Block | undefined {
  const [address, length, rest] = text.split('/');
  if (address === undefined || length === undefined || rest !== undefined || !/^\d{1,2}$/.test(length))
    return undefined;
  const prefix = Number(length);
  const number = parseIpv4(address);
  if (number === undefined || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  return { first: number - (number % size), prefix, size };
}

/** Canonical `a.b.c.d/n`; undefined when malformed. */
export function canonicalIpv4(text: string): string | undefined {
  const block = parseIpv4Block(text);
  return block === undefined ? undefined : `${formatIpv4(block.first)}/${block.prefix}`;
}

/** True when every address of `inner` lies in `outer`; both in `a.b.c.d/n`. False when either is malformed. */
export function containsIpv4(outer: string, inner: string): boolean {
  const wide = parseIpv4Block(outer);
  const narrow = parseIpv4Block(inner);
  if (wide === undefined || narrow === undefined) return false;
  return narrow.first >= wide.first && narrow.first + narrow.size <= wide.first + wide.size;
}

/** Canonical IPv6 block: host bits dropped, shortest lower-case text; undefined when malformed. */
export function canonicalIpv6(text: string): string | undefined {
  const block = parseBlock(text);
  return block?.family === 6 ? block.text : undefined;
}
