// The STS operations that the sandbox answers, each with its schema.
import * as sdk from '@aws-sdk/client-sts';
import { operationsOf } from '../operation.ts';
import { AssumeRole } from './assume-role.ts';
import { DecodeAuthorizationMessage } from './decode.ts';
import { GetCallerIdentity } from './caller-identity.ts';

export const stsOperations = operationsOf([
  [sdk.AssumeRole$, AssumeRole],
  [sdk.DecodeAuthorizationMessage$, DecodeAuthorizationMessage, 'reads'],
  [sdk.GetCallerIdentity$, GetCallerIdentity],
]);
