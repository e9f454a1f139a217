// STS as a service of the sandbox.
import type { Service } from '../service.ts';
import { stsOperations } from './operations.ts';

export const sts: Service = {
  id: 'sts',
  protocol: 'query',
  version: '2011-06-15',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  operations: stsOperations,
  tables: { sessions: {} },
  instead: [[/./, 'the credentials of the sandbox are good for everything and never expire']],
  authorization: async () => (await import('./authorization.ts')).authorization,
};
