// CPU credits of burstable instances: what each was launched with, shown and changed. Credits themselves are not played.
import type {
  DescribeInstanceCreditSpecificationsRequest,
  DescribeInstanceCreditSpecificationsResult,
  ModifyInstanceCreditSpecificationRequest,
  ModifyInstanceCreditSpecificationResult,
  UnsuccessfulInstanceCreditSpecificationErrorCode,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Instance } from './records.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { findInstanceType } from './instance-types.ts';
import { describeInstancesById } from './instances.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';

function isBurstable({ instanceType }: Instance): boolean {
  return findInstanceType(instanceType)?.burstable === true;
}

const notBurstable = (instanceId: string): AwsError =>
  new AwsError('InvalidInstanceID', `The instance ID '${instanceId}' is not a burstable performance instance`);

/** T2 is `standard` unless the launch says otherwise; later families keep what they were launched with. */
const creditsOf = (instance: Instance): string => instance.creditSpecification ?? 'standard';

/**
 * Without ids: the burstable instances whose credits are `unlimited`, as AWS lists them.
 * @throws AwsError `InvalidInstanceID.NotFound`; `InvalidInstanceID` for one that is not burstable.
 */
export function DescribeInstanceCreditSpecifications(
  { world }: Context,
  input: DescribeInstanceCreditSpecificationsRequest,
): DescribeInstanceCreditSpecificationsResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.InstanceIds, 'instanceIds');
  const named = describeInstancesById(world, input.InstanceIds ?? []);
  const other = named.find((instance) => !isBurstable(instance));
  if (other !== undefined) throw notBurstable(other.instanceId);
  const considered =
    named.length > 0
      ? named
      : Object.values(world.instances).filter((one) => isBurstable(one) && creditsOf(one) === 'unlimited');
  const matching = filterItems(considered, input.Filters, { 'instance-id': (instance) => instance.instanceId });
  const page = pageOf(matching, input, { key: (instance) => instance.instanceId, min: 5, max: 1000 });
  return {
    InstanceCreditSpecifications: page.items.map((instance) => ({
      InstanceId: instance.instanceId,
      CpuCredits: creditsOf(instance),
    })),
    NextToken: page.nextToken,
  };
}

/** Each by itself: what cannot be changed is listed, not thrown. */
export function ModifyInstanceCreditSpecification(
  { world }: Context,
  input: ModifyInstanceCreditSpecificationRequest,
): ModifyInstanceCreditSpecificationResult {
  refuseDryRun(input);
  const done: ModifyInstanceCreditSpecificationResult = {
    SuccessfulInstanceCreditSpecifications: [],
    UnsuccessfulInstanceCreditSpecifications: [],
  };
  for (const { InstanceId = '', CpuCredits = '' } of input.InstanceCreditSpecifications ?? []) {
    const instance = world.instances[InstanceId];
    const refuse = (Code: string, Message: string): void =>
      void done.UnsuccessfulInstanceCreditSpecifications?.push({
        InstanceId,
        Error: { Code: Code as UnsuccessfulInstanceCreditSpecificationErrorCode, Message },
      });
    if (instance === undefined) refuse('InvalidInstanceID.NotFound', `The instance ID '${InstanceId}' does not exist`);
    else if (!isBurstable(instance))
      refuse('InstanceCreditSpecification.NotSupported', 'The instance is not a burstable performance instance');
    else if (!['standard', 'unlimited'].includes(CpuCredits)) {
      throw new AwsError('InvalidParameterValue', `Value (${CpuCredits}) for parameter CpuCredits is invalid.`);
    } else {
      instance.creditSpecification = CpuCredits;
      done.SuccessfulInstanceCreditSpecifications?.push({ InstanceId });
    }
  }
  return done;
}
