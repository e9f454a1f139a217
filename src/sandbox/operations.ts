// Every operation that the sandbox offers, by service. Explicit imports, so that the bundle holds these schemas and no others.
import { ec2Operations } from './ec2/operations.ts';
import { ecsOperations } from './ecs/operations.ts';
import { elbv2Operations } from './elbv2/operations.ts';
import { iamOperations } from './iam/operations.ts';
import type { OperationTable } from './operation.ts';
import { ssmOperations } from './ssm/operations.ts';
import { stsOperations } from './sts/operations.ts';
import type { ServiceId } from './wire/service.ts';

export type OperationTables = Readonly<Record<ServiceId, OperationTable>>;

export const operationTables: OperationTables = {
  ecs: ecsOperations,
  ec2: ec2Operations,
  elasticloadbalancing: elbv2Operations,
  iam: iamOperations,
  ssm: ssmOperations,
  sts: stsOperations,
};
