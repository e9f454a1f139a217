// Blocks of IPv4 and IPv6 addresses as EC2 keeps them: host bits dropped, IPv6 in its shortest form. Pure.
import { isIP, isIPv4 } from 'node:net';

export interface AddressBlock {
  family: 4 | 6;
  /** The length of its prefix. */
  bits: number;
  /** As EC2 keeps and compares it: 100.68.0.18/18 is 100.68.0.0/18 (aws-facts §1.5). */
  text: string;
}

/** Undefined: it is no block of the form address/bits. */
export function parseBlock(text: string): AddressBlock | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  // A zone (fe80::1%eth0) is a matter of one machine.
  const family = address.includes('%') ? 0 : isIP(address);
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if ((family !== 4 && family !== 6) || rest.length > 0 || !(bits <= (family === 4 ? 32 : 128))) return undefined;
  return { family, bits, text: `${family === 4 ? firstOf4(address, bits) : firstOf6(address, bits)}/${bits}` };
}

/** True for an address without the length of a prefix. */
export function isAddress(text: string): boolean {
  return !text.includes('%') && isIP(text) !== 0;
}

/** The block of this one address. */
export function blockOf(address: string): string {
  return `${address}/${isIPv4(address) ? 32 : 128}`;
}

function masked(parts: readonly number[], partBits: number, bits: number): number[] {
  return parts.map((part, index) => {
    const kept = Math.min(partBits, Math.max(0, bits - index * partBits));
    return part - (part % 2 ** (partBits - kept));
  });
}

function firstOf4(address: string, bits: number): string {
  return masked(address.split('.').map(Number), 8, bits).join('.');
}

function firstOf6(address: string, bits: number): string {
  const [head = [], tail = []] = shortest(address)
    .split('::')
    .map((half) => half.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
  return shortest(
    masked(groups, 16, bits)
      .map((group) => group.toString(16))
      .join(':'),
  );
}

/** As RFC 5952 writes it, which is how URLs do. */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
