// The STS operations that the sandbox answers, each with its schema.
import { GetCallerIdentity$ } from '@aws-sdk/client-sts';
import { operation } from '../operation.ts';
import type { OperationTable } from '../operation.ts';
import { GetCallerIdentity } from './caller-identity.ts';

export const stsOperations: OperationTable = {
  GetCallerIdentity: operation(GetCallerIdentity$, GetCallerIdentity, { mutates: false }),
};
