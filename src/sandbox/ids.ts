// Identifiers in AWS's own formats. Random unless a test hands in its own source of digits.
import { randomBytes, randomUUID } from 'node:crypto';

export interface Ids {
  /** `count` lowercase hex digits. */
  hex(count: number): string;
  /** An EC2 id: `sg-0123456789abcdef0`. */
  ec2(prefix: string): string;
  /** An IAM unique id: `AROA…`, 21 characters. */
  iam(prefix: string): string;
  uuid(): string;
}

export const randomIds: Ids = {
  hex: (count) =>
    randomBytes(Math.ceil(count / 2))
      .toString('hex')
      .slice(0, count),
  ec2: (prefix) => `${prefix}-0${randomBytes(8).toString('hex')}`,
  iam: (prefix) => prefix + [...randomBytes(17)].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join(''),
  uuid: () => randomUUID(),
};
