// The records of IAM in the world: roles, instance profiles and the account's alias. Types only.
import type { Tag } from '../world.ts';

declare module '../world.ts' {
  interface World {
    roles: Record<string, Role>;
    instanceProfiles: Record<string, InstanceProfile>;
    /** By account. */
    accountAliases: Record<string, { alias: string }>;
  }
}

export interface Role {
  roleName: string;
  roleId: string;
  path: string;
  arn: string;
  assumeRolePolicyDocument: string;
  description?: string;
  /** Seconds. @default 3600 */
  maxSessionDuration?: number;
  createdAt: number;
  attachedPolicyArns: string[];
  inlinePolicies: Record<string, string>;
  tags: Tag[];
}

export interface InstanceProfile {
  instanceProfileName: string;
  instanceProfileId: string;
  path: string;
  arn: string;
  /** At most one: a hard quota of AWS. */
  roleNames: string[];
  createdAt: number;
  /** Until then EC2 does not see the profile (propagation). */
  visibleToEc2At: number;
  /** Until then EC2 sees the profile without its role: one that was added to a profile EC2 knew already. */
  roleVisibleToEc2At?: number;
  tags: Tag[];
}
