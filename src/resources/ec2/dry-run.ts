// EC2's DryRun: a call that is checked, permissions and all, and not carried out.
import { faultName } from '../../aws/faults.ts';
import { EcsdemoError } from '../../base/errors.ts';

/**
 * Ends well when the call would have been carried out.
 * @param call with `DryRun: true`
 * @throws what refuses it; EcsdemoError `endpoint-not-aws` when it was carried out all the same, as some stand-ins do
 */
export async function dryRun(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (faultName(error) === 'DryRunOperation') return;
    throw error;
  }
  throw new EcsdemoError(
    'endpoint-not-aws',
    'what stands in for AWS knows no DryRun, and has done what was only tried',
    {
      suggestions: [{ command: 'destroy' }],
    },
  );
}
