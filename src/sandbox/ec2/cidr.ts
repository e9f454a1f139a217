// IPv4 and IPv6 blocks: reading, canonical form, containment. Pure arithmetic; knows nothing of EC2.

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

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const read = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'));
  const head = read(halves[0]);
  const tail = read(halves[1]);
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

function formatIpv6(groups: number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.at < 0) return hex.join(':');
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`;
}

/** Canonical IPv6 block: host bits dropped, shortest lower-case text; undefined when malformed. */
export function canonicalIpv6(text: string): string | undefined {
  const [address, length, rest] = text.split('/');
  if (address === undefined || length === undefined || rest !== undefined || !/^\d{1,3}$/.test(length))
    return undefined;
  const prefix = Number(length);
  const groups = parseIpv6(address);
  if (groups === undefined || prefix > 128) return undefined;
  const masked = groups.map((group, index) => {
    const bits = Math.min(16, Math.max(0, prefix - index * 16));
    return group - (group % 2 ** (16 - bits));
  });
  return `${formatIpv6(masked)}/${prefix}`;
}
