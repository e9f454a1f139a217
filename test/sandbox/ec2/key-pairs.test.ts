import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CreateKeyPair, DeleteKeyPair, DescribeKeyPairs, ImportKeyPair } from '../../../src/sandbox/ec2/key-pairs.ts';
import { aWorld, refusal } from './world-context.ts';

describe('key pairs', () => {
  it('are real: what the private half signs, the public half verifies', () => {
    const { context } = aWorld();
    const { KeyMaterial = '', KeyFingerprint } = CreateKeyPair(context, { KeyName: 'k' });
    expect(KeyMaterial).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    const key = createPrivateKey(KeyMaterial);
    const signature = sign('sha256', Buffer.from('42'), key);
    expect(verify('sha256', Buffer.from('42'), createPublicKey(key), signature)).toBe(true);
    expect(KeyFingerprint).toMatch(/^([0-9a-f]{2}:){19}[0-9a-f]{2}$/);
  });

  it('of type ed25519 come in the form of OpenSSH, and their public half can be imported', () => {
    const { context } = aWorld();
    const made = CreateKeyPair(context, { KeyName: 'k', KeyType: 'ed25519' });
    expect(made.KeyMaterial).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    const [shown] = DescribeKeyPairs(context, { KeyNames: ['k'], IncludePublicKey: true }).KeyPairs ?? [];
    const PublicKeyMaterial = Buffer.from(shown?.PublicKey ?? '');
    const imported = ImportKeyPair(context, { KeyName: 'again', PublicKeyMaterial });
    expect(imported.KeyFingerprint).toBe(made.KeyFingerprint);
  });

  it('refuse a second of the same name and forget one that is deleted, there or not', () => {
    const { context } = aWorld();
    CreateKeyPair(context, { KeyName: 'k', KeyType: 'ed25519' });
    expect(refusal(() => CreateKeyPair(context, { KeyName: 'k' }))).toContain('InvalidKeyPair.Duplicate');
    expect(DeleteKeyPair(context, { KeyName: 'k' })).toMatchObject({ Return: true });
    expect(DeleteKeyPair(context, { KeyName: 'k' })).toMatchObject({ Return: true });
    expect(refusal(() => DescribeKeyPairs(context, { KeyNames: ['k'] }))).toBe(
      "InvalidKeyPair.NotFound: The key pair 'k' does not exist",
    );
    expect(DescribeKeyPairs(context, { Filters: [{ Name: 'key-name', Values: ['k'] }] }).KeyPairs).toEqual([]);
    expect(context.world.keyPairs).toEqual({});
  });

  it.each(['', 'ssh-rsa', 'ssh-rsa AAAA', 'ssh-dss AAAAB3NzaC1kc3M='])('do not import %o', (text) => {
    const { context } = aWorld();
    expect(refusal(() => ImportKeyPair(context, { KeyName: 'k', PublicKeyMaterial: Buffer.from(text) }))).toContain(
      'InvalidKey.Format',
    );
  });
});
