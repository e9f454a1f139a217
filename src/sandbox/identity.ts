// Who a sandbox is: its credentials, account and the port it likes to have. Made once per state directory and kept,
// so that what `sandbox env` exported stays right after a restart.
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from './sigv4.ts';

export interface Identity {
  credentials: Credentials;
  /** Twelve digits. */
  account: string;
  /** Where it listened last; taken again when no other port is asked for and it is free. */
  port?: number;
}

const identityFile = 'identity.json';

export function createIdentity(): Identity {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const suffix = [...randomBytes(16)].map((byte) => letters[byte % 32]).join('');
  return {
    credentials: {
      accessKeyId: `AKIA${suffix}`,
      secretAccessKey: randomBytes(30).toString('base64').replaceAll('/', '+'),
    },
    account: `${randomInt(1, 10)}${String(randomInt(0, 10 ** 11)).padStart(11, '0')}`,
  };
}

/** Undefined: there is none yet, or it cannot be read (then a new one costs only a new `sandbox env`). */
export function loadIdentity(dir: string): Identity | undefined {
  try {
    const identity = JSON.parse(readFileSync(join(dir, identityFile), 'utf8')) as Partial<Identity>;
    const { credentials, account } = identity;
    return credentials?.accessKeyId && credentials.secretAccessKey && account ? (identity as Identity) : undefined;
  } catch {
    return undefined;
  }
}

export function saveIdentity(dir: string, identity: Identity): void {
  writePrivate(join(dir, identityFile), identity);
}

/** Writes JSON that only this user may read, whole or not at all. */
export function writePrivate(path: string, value: object): void {
  const temporary = `${path}.${process.pid}`;
  // 'wx' makes the file: one that lies there, or a link to somewhere else, is never written through.
  rmSync(temporary, { force: true });
  writeFileSync(temporary, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, path);
}
