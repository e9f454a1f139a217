// Runs named checks, each with pass, fail or skip. Knows no AWS call: the checks are handed in.
import type { Check, CheckSpec, Report } from './types.ts';

/** Runs the checks in order, telling each as it ends. What a check throws ends them all. */
export async function runChecks(specs: readonly CheckSpec[], step: string, report: Report): Promise<Check[]> {
  const checks: Check[] = [];
  for (const spec of specs) {
    const blocker = checks.find((check) => spec.after?.includes(check.id) && check.status !== 'pass');
    const check: Check =
      blocker === undefined
        ? { id: spec.id, ...(await spec.run()) }
        : { id: spec.id, status: 'skip', detail: `not tried, because ${blocker.id} did not pass` };
    checks.push(check);
    report({ type: 'check', step, check });
  }
  return checks;
}
