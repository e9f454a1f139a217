// The health of the sandbox as a check of `doctor --local`: whether it runs and saves, how fast, and which faults are on.
import type { CheckResult, CheckSpec } from '../engine/types.ts';
import { describeSandbox, findSandbox, listFaults } from '../sandbox/control.ts';
import { paceText } from '../ui/format.ts';
import { faultText } from './sandbox/fault-text.ts';

export function sandboxCheck(dir: string): CheckSpec {
  return { id: 'sandbox', run: () => health(dir) };
}

async function health(dir: string): Promise<CheckResult> {
  const connection = await findSandbox(dir);
  if (connection === undefined)
    return { status: 'fail', detail: `none runs in ${dir}`, suggestion: { command: 'sandbox start' } };
  const [{ notice }, faults] = await Promise.all([describeSandbox(connection), listFaults(connection)]);
  if (notice !== undefined) return { status: 'fail', detail: notice, suggestion: { command: 'sandbox logs' } };
  const [fault] = faults;
  if (fault !== undefined) {
    const on = faults.map((each) => `${each.name} is ${faultText(each)}`).join('; ');
    const suggestion = { command: 'sandbox fault clear', ...(faults.length === 1 ? { args: [fault.name] } : {}) };
    return { status: 'fail', detail: `a fault is on: ${on}`, suggestion };
  }
  const { endpoint, pace, policy } = connection;
  const enforced = policy === undefined ? '' : `, with the policy ${policy}`;
  return { status: 'pass', detail: `${endpoint}, ${paceText(pace)}${enforced}` };
}
