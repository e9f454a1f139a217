// Calls that go to another address than AWS's own, as AWS_ENDPOINT_URL or a profile says: how that is known, and what it
// may mean for what is waited for. Knows no emulator's ways.
import type { Suggestion } from '../base/suggestion.ts';

/** Names of AWS's own hosts, in all partitions; an interface endpoint of a VPC is one of them. */
const awsHost = /(^|\.)(amazonaws\.(com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.com\.cn|ic\.gov|sgov\.gov)$/;

/** @param reached where a call went @returns 'http://127.0.0.1:5000'; undefined: AWS itself */
export function elsewhereOf(reached: URL): string | undefined {
  return awsHost.test(reached.hostname) ? undefined : reached.origin;
}

/** A line of a diagnosis, where an agent or a task is waited for in vain. */
export function elsewhereLine(origin: string): string {
  return `the calls go to ${origin}, not to AWS: an emulator that only keeps records (moto for one) starts no agent and no task`;
}

/** What helps then. */
export const insteadOfElsewhere: readonly Suggestion[] = [
  { command: 'up', flags: { local: true }, without: ['timeout', 'account'], note: 'where agents and tasks are real' },
  { command: 'destroy', note: 'takes away what was made there' },
];
