// A policy in a file: read and understood, or refused in a sentence before anything is started.
import { readFileSync } from 'node:fs';
import { EcsdemoError } from '../../base/errors.ts';
import { quoted } from '../../base/quoted.ts';
import { services } from '../services.ts';
import { policyOf } from './enforce.ts';
import type { Policy } from './policy.ts';

/**
 * @param named as a refusal names it. @default path
 * @throws EcsdemoError `usage` for a file that cannot be read, or a policy that cannot be enforced
 */
export function policyIn(path: string, named = path): Promise<Policy> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new EcsdemoError('usage', `the policy ${quoted(named)} cannot be read: ${(error as Error).message}`, {
      suggestions: [{ command: 'policy', note: 'prints one' }],
      cause: error,
    });
  }
  return policyOf(text, named, services);
}
