// IAM as a service of the sandbox.
import { AwsError } from '../aws-error.ts';
import { whole, without, type Service } from '../service.ts';
import { iamOperations } from './operations.ts';

export const iam: Service = {
  id: 'iam',
  protocol: 'query',
  version: '2010-05-08',
  xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  operations: iamOperations,
  instead: [
    [/Policy/, "use AWS's managed policies with AttachRolePolicy, or an inline one with PutRolePolicy"],
    [/User|Group|AccessKey|LoginProfile|MFA/, "the one user is the sandbox's own; see 'ecsdemo sandbox env'"],
  ],
  tables: {
    roles: { created: true, shown: without('assumeRolePolicyDocument', 'inlinePolicies') },
    instanceProfiles: { created: true, shown: whole, ends: ['visibleToEc2At', 'roleVisibleToEc2At'] },
    accountAliases: { shown: whole },
  },
  errors: {
    serverError: () =>
      new AwsError(
        'ServiceFailure',
        'The request processing has failed because of an unknown error, exception or failure.',
        500,
      ),
  },
  authorization: async () => (await import('./authorization.ts')).authorization,
};
