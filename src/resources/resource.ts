// What a resource is to ecsdemo: for whom it is found, made and taken away, and what of AWS is shared. Knows no AWS call.
import type { Clients } from '../aws/clients.ts';

/** For whom and how AWS is reached: what every resource may know of a run. */
export interface Scope {
  aws: Clients;
  /** Whose the resources are: the value of the tag that says so. */
  demo: string;
  /** Tags of everything this run creates, in the spelling of EC2, ELBv2 and IAM. */
  tags: { Key: string; Value: string }[];
  /** Of the caller: 'aws', 'aws-us-gov', 'aws-cn'. */
  partition: string;
  region: string;
  /** May be taken over, and away, although it carries nobody's tag. */
  adopt: boolean;
  /** Nothing will be made (status, verify, destroy): what is not ours is shown and not refused, what making needs may be missing. */
  looking: boolean;
}

/** What AWS accounts share as a matter of course, whatever --adopt says. */
const shared: readonly string[] = ['AWS::IAM::Role', 'AWS::IAM::InstanceProfile', 'AWS::EC2::VPC'];

/** May --adopt take over, and destroy, a resource of this type that carries nobody's tag? */
export function isAdoptable(type: string): boolean {
  return !shared.includes(type);
}

/**
 * A name of this type is one demo's alone: what has it and is not the demo's is in the way of the next `up`.
 * Families of task definitions keep revisions of anybody.
 */
export function isExclusive(type: string): boolean {
  return isAdoptable(type) && type !== 'AWS::ECS::TaskDefinition';
}
