// The SSM operations that the sandbox answers, each with its schema.
import * as sdk from '@aws-sdk/client-ssm';
import { operationsOf } from '../operation.ts';
import { GetCommandInvocation, ListCommandInvocations, ListCommands, SendCommand } from './commands.ts';
import { DescribeInstanceInformation } from './managed-instances.ts';
import { GetParameter, GetParameters, GetParametersByPath } from './parameters.ts';

export const ssmOperations = operationsOf([
  [sdk.DescribeInstanceInformation$, DescribeInstanceInformation],
  [sdk.GetCommandInvocation$, GetCommandInvocation],
  [sdk.GetParameter$, GetParameter],
  [sdk.GetParameters$, GetParameters],
  [sdk.GetParametersByPath$, GetParametersByPath],
  [sdk.ListCommandInvocations$, ListCommandInvocations],
  [sdk.ListCommands$, ListCommands],
  [sdk.SendCommand$, SendCommand],
]);
