// The EC2 operations that the sandbox answers, each with its schema. What they do is in the file named for the resource.
import {
  AssociateIamInstanceProfile$,
  AuthorizeSecurityGroupEgress$,
  AuthorizeSecurityGroupIngress$,
  CreateDefaultVpc$,
  CreateKeyPair$,
  CreateSecurityGroup$,
  CreateTags$,
  DeleteKeyPair$,
  DeleteSecurityGroup$,
  DeleteTags$,
  DescribeAvailabilityZones$,
  DescribeIamInstanceProfileAssociations$,
  DescribeImages$,
  DescribeInstanceAttribute$,
  DescribeInstanceStatus$,
  DescribeInstanceTypeOfferings$,
  DescribeInstanceTypes$,
  DescribeInstances$,
  DescribeKeyPairs$,
  DescribeNetworkInterfaces$,
  DescribeRegions$,
  DescribeSecurityGroupRules$,
  DescribeSecurityGroups$,
  DescribeSubnets$,
  DescribeTags$,
  DescribeVolumes$,
  DescribeVpcs$,
  DisassociateIamInstanceProfile$,
  GetConsoleOutput$,
  ImportKeyPair$,
  ModifyInstanceAttribute$,
  ReplaceIamInstanceProfileAssociation$,
  RevokeSecurityGroupEgress$,
  RevokeSecurityGroupIngress$,
  RunInstances$,
  StartInstances$,
  StopInstances$,
  TerminateInstances$,
} from '@aws-sdk/client-ec2';
import { operation } from '../operation.ts';
import type { OperationTable } from '../operation.ts';
import { GetConsoleOutput } from './console-output.ts';
import { DescribeImages } from './images.ts';
import { DescribeInstanceAttribute, ModifyInstanceAttribute } from './instance-attributes.ts';
import { StartInstances, StopInstances, TerminateInstances } from './instance-states.ts';
import { DescribeInstanceStatus, DescribeInstances, RunInstances } from './instances.ts';
import { CreateKeyPair, DeleteKeyPair, DescribeKeyPairs, ImportKeyPair } from './key-pairs.ts';
import { DescribeNetworkInterfaces } from './network-interfaces.ts';
import {
  CreateDefaultVpc,
  DescribeAvailabilityZones,
  DescribeRegions,
  DescribeSubnets,
  DescribeVpcs,
} from './network.ts';
import {
  AssociateIamInstanceProfile,
  DescribeIamInstanceProfileAssociations,
  DisassociateIamInstanceProfile,
  ReplaceIamInstanceProfileAssociation,
} from './profile-associations.ts';
import {
  AuthorizeSecurityGroupEgress,
  AuthorizeSecurityGroupIngress,
  DescribeSecurityGroupRules,
  RevokeSecurityGroupEgress,
  RevokeSecurityGroupIngress,
} from './security-group-rules.ts';
import { CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroups } from './security-groups.ts';
import { CreateTags, DeleteTags, DescribeTags } from './tags.ts';
import { DescribeInstanceTypeOfferings, DescribeInstanceTypes } from './type-offerings.ts';
import { DescribeVolumes } from './volumes.ts';

export const ec2Operations: OperationTable = {
  AssociateIamInstanceProfile: operation(AssociateIamInstanceProfile$, AssociateIamInstanceProfile, { mutates: true }),
  AuthorizeSecurityGroupEgress: operation(AuthorizeSecurityGroupEgress$, AuthorizeSecurityGroupEgress, {
    mutates: true,
  }),
  AuthorizeSecurityGroupIngress: operation(AuthorizeSecurityGroupIngress$, AuthorizeSecurityGroupIngress, {
    mutates: true,
  }),
  CreateDefaultVpc: operation(CreateDefaultVpc$, CreateDefaultVpc, { mutates: true }),
  CreateKeyPair: operation(CreateKeyPair$, CreateKeyPair, { mutates: true }),
  CreateSecurityGroup: operation(CreateSecurityGroup$, CreateSecurityGroup, { mutates: true }),
  CreateTags: operation(CreateTags$, CreateTags, { mutates: true }),
  DeleteKeyPair: operation(DeleteKeyPair$, DeleteKeyPair, { mutates: true }),
  DeleteSecurityGroup: operation(DeleteSecurityGroup$, DeleteSecurityGroup, { mutates: true }),
  DeleteTags: operation(DeleteTags$, DeleteTags, { mutates: true }),
  DescribeAvailabilityZones: operation(DescribeAvailabilityZones$, DescribeAvailabilityZones, { mutates: false }),
  DescribeIamInstanceProfileAssociations: operation(
    DescribeIamInstanceProfileAssociations$,
    DescribeIamInstanceProfileAssociations,
    { mutates: false },
  ),
  DescribeImages: operation(DescribeImages$, DescribeImages, { mutates: false }),
  DescribeInstanceAttribute: operation(DescribeInstanceAttribute$, DescribeInstanceAttribute, { mutates: false }),
  DescribeInstanceStatus: operation(DescribeInstanceStatus$, DescribeInstanceStatus, { mutates: false }),
  DescribeInstanceTypeOfferings: operation(DescribeInstanceTypeOfferings$, DescribeInstanceTypeOfferings, {
    mutates: false,
  }),
  DescribeInstanceTypes: operation(DescribeInstanceTypes$, DescribeInstanceTypes, { mutates: false }),
  DescribeInstances: operation(DescribeInstances$, DescribeInstances, { mutates: false }),
  DescribeKeyPairs: operation(DescribeKeyPairs$, DescribeKeyPairs, { mutates: false }),
  DescribeNetworkInterfaces: operation(DescribeNetworkInterfaces$, DescribeNetworkInterfaces, { mutates: false }),
  DescribeRegions: operation(DescribeRegions$, DescribeRegions, { mutates: false }),
  DescribeSecurityGroupRules: operation(DescribeSecurityGroupRules$, DescribeSecurityGroupRules, { mutates: false }),
  DescribeSecurityGroups: operation(DescribeSecurityGroups$, DescribeSecurityGroups, { mutates: false }),
  DescribeSubnets: operation(DescribeSubnets$, DescribeSubnets, { mutates: false }),
  DescribeTags: operation(DescribeTags$, DescribeTags, { mutates: false }),
  DescribeVolumes: operation(DescribeVolumes$, DescribeVolumes, { mutates: false }),
  DescribeVpcs: operation(DescribeVpcs$, DescribeVpcs, { mutates: false }),
  DisassociateIamInstanceProfile: operation(DisassociateIamInstanceProfile$, DisassociateIamInstanceProfile, {
    mutates: true,
  }),
  GetConsoleOutput: operation(GetConsoleOutput$, GetConsoleOutput, { mutates: false }),
  ImportKeyPair: operation(ImportKeyPair$, ImportKeyPair, { mutates: true }),
  ModifyInstanceAttribute: operation(ModifyInstanceAttribute$, ModifyInstanceAttribute, { mutates: true }),
  ReplaceIamInstanceProfileAssociation: operation(
    ReplaceIamInstanceProfileAssociation$,
    ReplaceIamInstanceProfileAssociation,
    { mutates: true },
  ),
  RevokeSecurityGroupEgress: operation(RevokeSecurityGroupEgress$, RevokeSecurityGroupEgress, { mutates: true }),
  RevokeSecurityGroupIngress: operation(RevokeSecurityGroupIngress$, RevokeSecurityGroupIngress, { mutates: true }),
  RunInstances: operation(RunInstances$, RunInstances, { mutates: true }),
  StartInstances: operation(StartInstances$, StartInstances, { mutates: true }),
  StopInstances: operation(StopInstances$, StopInstances, { mutates: true }),
  TerminateInstances: operation(TerminateInstances$, TerminateInstances, { mutates: true }),
};
