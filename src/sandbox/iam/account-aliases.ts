// The names that an account can be given: the sandbox's has none.
import type { ListAccountAliasesResponse } from '@aws-sdk/client-iam';

export function ListAccountAliases(): ListAccountAliasesResponse {
  return { AccountAliases: [], IsTruncated: false };
}
