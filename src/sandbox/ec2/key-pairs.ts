// Key pairs: real keys, made with node:crypto. The private half is in the answer of CreateKeyPair and nowhere else.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type {
  CreateKeyPairRequest,
  DeleteKeyPairRequest,
  DeleteKeyPairResult,
  DescribeKeyPairsRequest,
  DescribeKeyPairsResult,
  ImportKeyPairRequest,
  ImportKeyPairResult,
  KeyPair as ApiKeyPair,
  KeyPairInfo,
  KeyType,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { KeyPair } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { readTagSpecifications, toApiTags } from './tag-rules.ts';

export function findKeyPair(world: World, keyName: string): KeyPair | undefined {
  return Object.values(world.keyPairs).find((one) => one.keyName === keyName);
}

/** @throws AwsError `InvalidKeyPair.NotFound`. */
export function describeKeyPair(world: World, keyName: string): KeyPair {
  const found = findKeyPair(world, keyName);
  if (found === undefined) throw new AwsError('InvalidKeyPair.NotFound', `The key pair '${keyName}' does not exist`);
  return found;
}

/** One field of SSH's binary formats: its length, then its bytes. */
function field(bytes: Buffer | string): Buffer {
  const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A positive number as SSH writes it: a zero byte in front where the first bit is set. */
function positive(base64url: string | undefined): Buffer {
  const bytes = Buffer.from(base64url ?? '', 'base64url');
  return (bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

/** The public key as SSH sends it, before base64. */
function sshBlob(key: KeyObject): Buffer {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  if (jwk.kty === 'RSA') return Buffer.concat([field('ssh-rsa'), field(positive(jwk.e)), field(positive(jwk.n))]);
  return Buffer.concat([field('ssh-ed25519'), field(Buffer.from(jwk.x ?? '', 'base64url'))]);
}

/** OpenSSH's own container, unencrypted: the form in which EC2 hands out ed25519 keys. */
function opensshPrivateKey(key: KeyObject, comment: string): string {
  const jwk = key.export({ format: 'jwk' });
  const publicPart = Buffer.from(jwk.x ?? '', 'base64url');
  const secret = Buffer.concat([Buffer.from(jwk.d ?? '', 'base64url'), publicPart]);
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, field('ssh-ed25519'), field(publicPart), field(secret), field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(sshBlob(key)),
    field(Buffer.concat([body, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const colons = (hex: string): string => (hex.match(/../g) ?? []).join(':');

function makeKey(keyType: string, keyName: string): { material: string; fingerprint: string; publicKey: string } {
  if (keyType === 'ed25519') {
    const { privateKey } = generateKeyPairSync('ed25519');
    const blob = sshBlob(privateKey);
    return {
      material: opensshPrivateKey(privateKey, keyName),
      fingerprint: createHash('sha256').update(blob).digest('base64'),
      publicKey: `ssh-ed25519 ${blob.toString('base64')} ${keyName}`,
    };
  }
  const { privateKey: pem } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const privateKey = createPrivateKey(pem);
  return {
    material: pem.trimEnd(),
    // EC2's fingerprint of a key it made is SHA-1 over the private key; of one imported, MD5 over the public one.
    fingerprint: colons(
      createHash('sha1')
        .update(privateKey.export({ type: 'pkcs8', format: 'der' }))
        .digest('hex'),
    ),
    publicKey: `ssh-rsa ${sshBlob(privateKey).toString('base64')} ${keyName}`,
  };
}

function checkName(world: World, keyName: string | undefined): string {
  if (keyName === undefined || keyName === '')
    throw new AwsError('MissingParameter', 'The request must contain the parameter KeyName');
  if (keyName.length > 255 || !/^[\x20-\x7e]*$/.test(keyName)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${keyName}) for parameter KeyName is invalid. Up to 255 ASCII characters are allowed.`,
    );
  }
  if (findKeyPair(world, keyName) !== undefined) {
    throw new AwsError('InvalidKeyPair.Duplicate', `The keypair already exists: ${keyName}`);
  }
  return keyName;
}

/** @throws AwsError `InvalidKeyPair.Duplicate`, `InvalidParameterValue`. */
export function CreateKeyPair({ world, ids, now }: Context, input: CreateKeyPairRequest): ApiKeyPair {
  const keyName = checkName(world, input.KeyName);
  const keyType = input.KeyType ?? 'rsa';
  if (keyType !== 'rsa' && keyType !== 'ed25519') {
    throw new AwsError('InvalidParameterValue', `Value (${String(keyType)}) for parameter KeyType is invalid.`);
  }
  if (input.KeyFormat !== undefined && input.KeyFormat !== 'pem') {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox makes keys in the format pem only, not ${input.KeyFormat}.`,
    );
  }
  const tags = readTagSpecifications(input.TagSpecifications, ['key-pair'])['key-pair'] ?? [];
  refuseDryRun(input);
  const made = makeKey(keyType, keyName);
  const keyPairId = ids.ec2('key');
  const { fingerprint: keyFingerprint, publicKey } = made;
  world.keyPairs[keyPairId] = { keyPairId, keyName, keyType, keyFingerprint, publicKey, createdAt: now, tags };
  return {
    KeyPairId: keyPairId,
    KeyName: keyName,
    KeyFingerprint: keyFingerprint,
    KeyMaterial: made.material,
    Tags: toApiTags(tags),
  };
}

/** The blob of an OpenSSH line or of a PEM public key. @throws AwsError `InvalidKey.Format`. */
function readPublicKey(material: Uint8Array): { blob: Buffer; keyType: KeyType; der: Buffer } {
  const refuse = (): never => {
    throw new AwsError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  };
  const text = Buffer.from(material).toString('utf8').trim();
  const line = /^(ssh-rsa|ssh-ed25519)\s+([A-Za-z0-9+/=]+)(?:\s.*)?$/s.exec(text);
  if (line?.[1] === undefined || line[2] === undefined) return refuse();
  const blob = Buffer.from(line[2], 'base64');
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length;) {
    const length = blob.readUInt32BE(at);
    parts.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (parts[0]?.toString() !== line[1]) return refuse();
  try {
    const base64url = (part: Buffer | undefined): string => (part ?? Buffer.alloc(0)).toString('base64url');
    const jwk =
      line[1] === 'ssh-rsa'
        ? { kty: 'RSA', e: base64url(parts[1]), n: base64url(parts[2]?.[0] === 0 ? parts[2].subarray(1) : parts[2]) }
        : { kty: 'OKP', crv: 'Ed25519', x: base64url(parts[1]) };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return {
      blob,
      keyType: line[1] === 'ssh-rsa' ? 'rsa' : 'ed25519',
      der: key.export({ type: 'spki', format: 'der' }),
    };
  } catch {
    return refuse();
  }
}

/** @throws AwsError `InvalidKeyPair.Duplicate`, `InvalidKey.Format`. */
export function ImportKeyPair({ world, ids, now }: Context, input: ImportKeyPairRequest): ImportKeyPairResult {
  const keyName = checkName(world, input.KeyName);
  if (input.PublicKeyMaterial === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter PublicKeyMaterial');
  }
  const { blob, keyType, der } = readPublicKey(input.PublicKeyMaterial);
  const tags = readTagSpecifications(input.TagSpecifications, ['key-pair'])['key-pair'] ?? [];
  refuseDryRun(input);
  const keyFingerprint =
    keyType === 'rsa'
      ? colons(createHash('md5').update(der).digest('hex'))
      : createHash('sha256').update(blob).digest('base64');
  const keyPairId = ids.ec2('key');
  const publicKey = `ssh-${keyType} ${blob.toString('base64')} ${keyName}`;
  world.keyPairs[keyPairId] = { keyPairId, keyName, keyType, keyFingerprint, publicKey, createdAt: now, tags };
  return { KeyPairId: keyPairId, KeyName: keyName, KeyFingerprint: keyFingerprint, Tags: toApiTags(tags) };
}

export function DescribeKeyPairs({ world }: Context, input: DescribeKeyPairsRequest): DescribeKeyPairsResult {
  refuseDryRun(input);
  const named = [
    ...(input.KeyNames ?? []).map((keyName) => describeKeyPair(world, keyName)),
    ...(input.KeyPairIds ?? []).map((id) => {
      const found = world.keyPairs[id];
      if (found === undefined) throw new AwsError('InvalidKeyPair.NotFound', `The key pair ID '${id}' does not exist`);
      return found;
    }),
  ];
  const matching = filterItems(
    named.length > 0 ? [...new Set(named)] : Object.values(world.keyPairs),
    input.Filters,
    {
      fingerprint: (key) => key.keyFingerprint,
      'key-name': (key) => key.keyName,
      'key-pair-id': (key) => key.keyPairId,
    },
    (key) => key.tags,
  );
  return {
    KeyPairs: matching.map((key): KeyPairInfo => ({
      KeyPairId: key.keyPairId,
      KeyName: key.keyName,
      KeyType: key.keyType === 'ed25519' ? 'ed25519' : 'rsa',
      KeyFingerprint: key.keyFingerprint,
      CreateTime: new Date(key.createdAt),
      Tags: toApiTags(key.tags),
      ...(input.IncludePublicKey === true && { PublicKey: key.publicKey }),
    })),
  };
}

/** Deleting what is not there is success, as on AWS. */
export function DeleteKeyPair({ world }: Context, input: DeleteKeyPairRequest): DeleteKeyPairResult {
  if (input.KeyName === undefined && input.KeyPairId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter KeyName or KeyPairId');
  }
  refuseDryRun(input);
  const found = Object.values(world.keyPairs).find((key) =>
    input.KeyPairId === undefined ? key.keyName === input.KeyName : key.keyPairId === input.KeyPairId,
  );
  if (found !== undefined) delete world.keyPairs[found.keyPairId];
  return { Return: true, KeyPairId: found?.keyPairId };
}
