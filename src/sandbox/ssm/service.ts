// SSM as a service of the sandbox.
import type { Service } from '../service.ts';
import { ssmOperations } from './operations.ts';
import { createRunCommands } from './run-commands.ts';

export const ssm: Service = {
  id: 'ssm',
  protocol: 'json',
  version: '2014-11-06',
  target: 'AmazonSSM',
  operations: ssmOperations,
  tables: { commands: {} },
  runtime: createRunCommands,
};
