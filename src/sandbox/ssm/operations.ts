// The SSM operations that the sandbox answers, each with its schema.
import {
  DescribeInstanceInformation$,
  GetCommandInvocation$,
  GetParameter$,
  GetParameters$,
  GetParametersByPath$,
  ListCommandInvocations$,
  ListCommands$,
  SendCommand$,
} from '@aws-sdk/client-ssm';
import { operation } from '../operation.ts';
import type { OperationTable } from '../operation.ts';
import { GetCommandInvocation, ListCommandInvocations, ListCommands, SendCommand } from './commands.ts';
import { DescribeInstanceInformation } from './managed-instances.ts';
import { GetParameter, GetParameters, GetParametersByPath } from './parameters.ts';

export const ssmOperations: OperationTable = {
  DescribeInstanceInformation: operation(DescribeInstanceInformation$, DescribeInstanceInformation, { mutates: false }),
  GetCommandInvocation: operation(GetCommandInvocation$, GetCommandInvocation, { mutates: false }),
  GetParameter: operation(GetParameter$, GetParameter, { mutates: false }),
  GetParameters: operation(GetParameters$, GetParameters, { mutates: false }),
  GetParametersByPath: operation(GetParametersByPath$, GetParametersByPath, { mutates: false }),
  ListCommandInvocations: operation(ListCommandInvocations$, ListCommandInvocations, { mutates: false }),
  ListCommands: operation(ListCommands$, ListCommands, { mutates: false }),
  SendCommand: operation(SendCommand$, SendCommand, { mutates: true }),
};
