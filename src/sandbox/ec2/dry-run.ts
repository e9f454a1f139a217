// DryRun as EC2 answers it: an error that says what would have happened.
import { AwsError } from '../aws-error.ts';

/** Call it after everything that could refuse the request, and before the first change. @throws AwsError `DryRunOperation`. */
export function refuseDryRun(input: { DryRun?: boolean | undefined }): void {
  if (input.DryRun === true) {
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
}
