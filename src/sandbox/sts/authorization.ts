// What STS's calls ask of IAM. GetCallerIdentity asks for nothing, and a deny does not stop it (STS API Reference).
import { textOf, type Authorization } from '../authorization/ask.ts';

export const authorization: Authorization = {
  keys: [],
  asks({ operation, input }) {
    if (operation === 'GetCallerIdentity') return [];
    return [{ action: `sts:${operation}`, resource: textOf(input['RoleArn']) ?? '*', keys: {} }];
  },
};
