// SSM as a service of the sandbox.
import type { Service } from '../service.ts';
import { ssmOperations } from './operations.ts';
import { createRunCommands } from './run-commands.ts';
import { scheduleSsm } from './schedule.ts';

export const ssm: Service = {
  id: 'ssm',
  protocol: 'json',
  version: '2014-11-06',
  target: 'AmazonSSM',
  operations: ssmOperations,
  instead: [
    [/Parameter/, "there are AWS's public parameters of machine images only; pass values in a container's environment"],
    [/Session/, 'run commands on an instance with SendCommand'],
  ],
  tables: {
    // Neither the scripts nor what they print.
    commands: {
      shown: ({ commandId, documentName, requestedAt, invocations }) => ({
        commandId,
        documentName,
        requestedAt,
        statuses: Object.fromEntries(Object.entries(invocations).map(([id, { status }]) => [id, status])),
      }),
    },
  },
  schedule: scheduleSsm,
  runtime: createRunCommands,
  authorization: async () => (await import('./authorization.ts')).authorization,
};
