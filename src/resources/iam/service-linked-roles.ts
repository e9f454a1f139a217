// The roles that AWS makes for ECS and ELB themselves when they are first used in an account. Reads only.
import { paginateListRoles } from '@aws-sdk/client-iam';
import type { AwsCall } from '../../aws/grants.ts';
import type { Scope } from '../resource.ts';

// Not GetRole: of a role that is absent nobody knows the path, so that a policy for the two alone would deny it.
export const serviceLinkedRolesUses: readonly AwsCall[] = ['iam:ListRoles'];

/** The names of all that the account has. */
export async function serviceLinkedRoles({ aws }: Scope): Promise<string[]> {
  const names: string[] = [];
  const pages = paginateListRoles({ client: aws.iam, pageSize: 1000 }, { PathPrefix: '/aws-service-role/' });
  for await (const page of pages) names.push(...(page.Roles ?? []).map(({ RoleName = '' }) => RoleName));
  return names;
}
