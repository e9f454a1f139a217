// Runs named checks, each with pass, fail or skip. Knows no AWS call: the checks are handed in.
import type { Check, CheckResult, CheckSpec, Report } from './types.ts';

/** Runs the checks in order, telling each as it ends. What a check throws ends them all. */
export async function runChecks(specs: readonly CheckSpec[], step: string, report: Report): Promise<Check[]> {
  const checks: Check[] = [];
  for (const spec of specs) {
    const check = { id: spec.id, ...(blocked(spec, checks) ?? (await spec.run())) };
    checks.push(check);
    report({ type: 'check', step, check });
  }
  return checks;
}

/**
 * Runs the checks side by side, each as soon as those have ended that it comes after, telling each as it ends.
 * @param specs each after those that it names
 * @param failed what a check comes to that throws; it may throw itself, and then all are ended
 * @returns in the order of the specs
 */
export async function runChecksTogether(
  specs: readonly CheckSpec[],
  step: string,
  report: Report,
  failed: (error: unknown) => CheckResult,
): Promise<Check[]> {
  const ended = new Map<string, Promise<Check>>();
  const run = async (spec: CheckSpec): Promise<Check> => {
    const before = await Promise.all((spec.after ?? []).flatMap((id) => ended.get(id) ?? []));
    const check = { id: spec.id, ...(blocked(spec, before) ?? (await spec.run().catch(failed))) };
    report({ type: 'check', step, check });
    return check;
  };
  for (const spec of specs) ended.set(spec.id, run(spec));
  return Promise.all(ended.values());
}

/** The skip of a check whose failure would only repeat another's. */
function blocked({ after }: CheckSpec, checks: readonly Check[]): CheckResult | undefined {
  const blocker = checks.find(({ id, status }) => after?.includes(id) && status !== 'pass');
  return blocker && { status: 'skip', detail: `not tried, because ${blocker.id} did not pass` };
}
