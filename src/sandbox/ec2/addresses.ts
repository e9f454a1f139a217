// Which addresses are free: private ones inside a subnet's block, public ones from ranges set aside for documentation
// and benchmarks (RFC 5737, RFC 2544), so that none is ever anybody's.
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Subnet } from './records.ts';
import type { World } from '../world.ts';
import { formatIpv4, parseIpv4Block } from './cidr.ts';

/** EC2 keeps the first four addresses of a subnet and the last. */
const keptFirst = 4;
const keptInAll = 5;

const publicBlocks = ['203.0.113.0/24', '198.51.100.0/24', '192.0.2.0/24', '198.18.0.0/15'];

function usedPrivateIps(world: World, subnetId: string): Set<string> {
  const used = new Set<string>();
  for (const one of Object.values(world.networkInterfaces))
    if (one.subnetId === subnetId) used.add(one.privateIpAddress);
  return used;
}

/** How many addresses of the subnet nobody has. */
export function availableIpCount(world: World, subnet: Subnet): number {
  const size = parseIpv4Block(subnet.cidrBlock)?.size ?? 0;
  return Math.max(0, size - keptInAll - usedPrivateIps(world, subnet.subnetId).size);
}

/**
 * A free address of the subnet, picked at random as EC2 does.
 * @throws AwsError `InsufficientFreeAddressesInSubnet`.
 */
export function freePrivateIp(context: Context, subnet: Subnet): string {
  const block = parseIpv4Block(subnet.cidrBlock);
  const usable = (block?.size ?? 0) - keptInAll;
  const used = usedPrivateIps(context.world, subnet.subnetId);
  if (block === undefined || used.size >= usable) {
    throw new AwsError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.subnetId}' to satisfy the requested number of instances.`,
    );
  }
  const start = Number.parseInt(context.ids.hex(8), 16);
  for (let step = 0; ; step++) {
    const ip = formatIpv4(block.first + keptFirst + ((start + step) % usable));
    if (!used.has(ip)) return ip;
  }
}

/** A public address that no interface has; lowest first, so that transcripts are stable. */
export function freePublicIp(context: Context): string {
  const used = new Set(Object.values(context.world.networkInterfaces).map((one) => one.publicIp));
  for (const text of publicBlocks) {
    const block = parseIpv4Block(text);
    if (block === undefined) continue;
    for (let offset = 10; offset < block.size - 1; offset++) {
      const ip = formatIpv4(block.first + offset);
      if (!used.has(ip)) return ip;
    }
  }
  throw new AwsError('InsufficientAddressCapacity', 'Not enough addresses available to satisfy the request.');
}
