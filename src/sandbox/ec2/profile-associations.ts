// Which instance has which instance profile, and how a person gives, changes and takes it while the instance lives.
// An association is new, with an id of its own, whenever the profile is.
import type {
  AssociateIamInstanceProfileRequest,
  AssociateIamInstanceProfileResult,
  DescribeIamInstanceProfileAssociationsRequest,
  DescribeIamInstanceProfileAssociationsResult,
  DisassociateIamInstanceProfileRequest,
  DisassociateIamInstanceProfileResult,
  IamInstanceProfileAssociation,
  IamInstanceProfileAssociationState,
  IamInstanceProfileSpecification,
  ReplaceIamInstanceProfileAssociationRequest,
  ReplaceIamInstanceProfileAssociationResult,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Instance } from './records.ts';
import type { InstanceProfile } from '../iam/records.ts';
import type { World } from '../world.ts';
import { filterItems } from './filters.ts';
import { profileIdOf } from './instance-view.ts';
import { describeInstancesById } from './instances.ts';
import { checkInstanceProfile } from './launch-checks.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';

/** That of the launch is derived from the instance's id, so that it needs no record. */
function associationIdOf({ profileAssociation, instanceId }: Instance): string {
  return profileAssociation?.associationId ?? `iip-assoc-${instanceId.slice('i-'.length)}`;
}

/** Those that have a profile; a terminated one has none any more. */
function associated(world: World): Instance[] {
  return Object.values(world.instances).filter(
    (one) => one.instanceProfileArn !== undefined && one.state !== 'terminated',
  );
}

function toApiAssociation(
  world: World,
  instance: Instance,
  state: IamInstanceProfileAssociationState,
): IamInstanceProfileAssociation {
  return {
    AssociationId: associationIdOf(instance),
    InstanceId: instance.instanceId,
    IamInstanceProfile: { Arn: instance.instanceProfileArn, Id: profileIdOf(world, instance) },
    State: state,
    Timestamp: new Date(instance.profileAssociation?.since ?? instance.launchedAt),
  };
}

/** The instance that an association is of. */
export function findAssociated(world: World, associationId: string | undefined): Instance | undefined {
  return associated(world).find((one) => associationIdOf(one) === associationId);
}

/** @throws AwsError `InvalidAssociationID.NotFound`. */
function describeAssociated(world: World, associationId: string | undefined): Instance {
  if (associationId === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter AssociationId');
  const instance = findAssociated(world, associationId);
  if (instance === undefined) {
    throw new AwsError('InvalidAssociationID.NotFound', `An invalid association-id of '${associationId}' was given`);
  }
  return instance;
}

function requireProfile(context: Context, specification: IamInstanceProfileSpecification | undefined): InstanceProfile {
  const profile = checkInstanceProfile(context, specification);
  if (profile === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter IamInstanceProfile');
  return profile;
}

function associate({ world, ids, now }: Context, instance: Instance, profile: InstanceProfile) {
  instance.instanceProfileArn = profile.arn;
  instance.instanceProfileId = profile.instanceProfileId;
  instance.profileAssociation = { associationId: ids.ec2('iip-assoc'), since: now };
  return { IamInstanceProfileAssociation: toApiAssociation(world, instance, 'associating') };
}

/**
 * For an instance that has no profile, running or stopped.
 * @throws AwsError `InvalidInstanceID.NotFound`, `IncorrectState` when it has one, `IncorrectInstanceState`, `InvalidParameterValue`.
 */
export function AssociateIamInstanceProfile(
  context: Context,
  input: AssociateIamInstanceProfileRequest,
): AssociateIamInstanceProfileResult {
  if (input.InstanceId === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId');
  const [instance] = describeInstancesById(context.world, [input.InstanceId]);
  const profile = requireProfile(context, input.IamInstanceProfile);
  if (instance === undefined || !['running', 'stopped'].includes(instance.state)) {
    throw new AwsError(
      'IncorrectInstanceState',
      `The instance '${input.InstanceId}' is not in the 'running' or 'stopped' states.`,
    );
  }
  if (instance.instanceProfileArn !== undefined)
    throw new AwsError('IncorrectState', `There is an existing association for instance ${input.InstanceId}`);
  return associate(context, instance, profile);
}

/**
 * Another profile, or one made anew under the same name, without a moment without any; only while the instance runs.
 * @throws AwsError `InvalidAssociationID.NotFound`, `IncorrectState`, `InvalidParameterValue`.
 */
export function ReplaceIamInstanceProfileAssociation(
  context: Context,
  input: ReplaceIamInstanceProfileAssociationRequest,
): ReplaceIamInstanceProfileAssociationResult {
  const instance = describeAssociated(context.world, input.AssociationId);
  const profile = requireProfile(context, input.IamInstanceProfile);
  if (instance.state !== 'running')
    throw new AwsError('IncorrectState', `The association ${input.AssociationId} is not the active association`);
  return associate(context, instance, profile);
}

/** @throws AwsError `InvalidAssociationID.NotFound`. */
export function DisassociateIamInstanceProfile(
  { world }: Context,
  input: DisassociateIamInstanceProfileRequest,
): DisassociateIamInstanceProfileResult {
  const instance = describeAssociated(world, input.AssociationId);
  const gone = toApiAssociation(world, instance, 'disassociating');
  delete instance.instanceProfileArn;
  delete instance.instanceProfileId;
  delete instance.profileAssociation;
  return { IamInstanceProfileAssociation: gone };
}

/** @throws AwsError `InvalidAssociationID.NotFound`. */
export function DescribeIamInstanceProfileAssociations(
  { world }: Context,
  input: DescribeIamInstanceProfileAssociationsRequest,
): DescribeIamInstanceProfileAssociationsResult {
  refusePagingWithIds(input, input.AssociationIds, 'associationIds');
  const named = (input.AssociationIds ?? []).map((id) => describeAssociated(world, id));
  const matching = filterItems(named.length > 0 ? [...new Set(named)] : associated(world), input.Filters, {
    'instance-id': (one) => one.instanceId,
    state: () => 'associated',
  });
  const page = pageOf(matching, input, { key: (one) => one.instanceId, min: 5, max: 1000 });
  return {
    IamInstanceProfileAssociations: page.items.map((one) => toApiAssociation(world, one, 'associated')),
    NextToken: page.nextToken,
  };
}
