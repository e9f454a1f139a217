// The EC2 operations that the sandbox answers, each with its schema. What they do is in the file named for the resource.
import * as sdk from '@aws-sdk/client-ec2';
import { operationsOf } from '../operation.ts';
import { GetConsoleOutput } from './console-output.ts';
import { DescribeImages } from './images.ts';
import { DescribeInstanceAttribute, ModifyInstanceAttribute } from './instance-attributes.ts';
import { RebootInstances, StartInstances, StopInstances, TerminateInstances } from './instance-states.ts';
import { DescribeInstanceCreditSpecifications, ModifyInstanceCreditSpecification } from './instance-credits.ts';
import { DescribeInstanceStatus, DescribeInstances, RunInstances } from './instances.ts';
import { CreateKeyPair, DeleteKeyPair, DescribeKeyPairs, ImportKeyPair } from './key-pairs.ts';
import { MonitorInstances, UnmonitorInstances } from './monitoring.ts';
import { DescribeNetworkInterfaces } from './network-interfaces.ts';
import {
  DescribeAddresses,
  DescribeInternetGateways,
  DescribeRouteTables,
  DescribeVpcAttribute,
  GetEbsEncryptionByDefault,
} from './network-surroundings.ts';
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

export const ec2Operations = operationsOf([
  [sdk.AssociateIamInstanceProfile$, AssociateIamInstanceProfile],
  [sdk.AuthorizeSecurityGroupEgress$, AuthorizeSecurityGroupEgress],
  [sdk.AuthorizeSecurityGroupIngress$, AuthorizeSecurityGroupIngress],
  [sdk.CreateDefaultVpc$, CreateDefaultVpc],
  [sdk.CreateKeyPair$, CreateKeyPair],
  [sdk.CreateSecurityGroup$, CreateSecurityGroup],
  [sdk.CreateTags$, CreateTags],
  [sdk.DeleteKeyPair$, DeleteKeyPair],
  [sdk.DeleteSecurityGroup$, DeleteSecurityGroup],
  [sdk.DeleteTags$, DeleteTags],
  [sdk.DescribeAddresses$, DescribeAddresses],
  [sdk.DescribeAvailabilityZones$, DescribeAvailabilityZones],
  [sdk.DescribeIamInstanceProfileAssociations$, DescribeIamInstanceProfileAssociations],
  [sdk.DescribeImages$, DescribeImages],
  [sdk.DescribeInstanceAttribute$, DescribeInstanceAttribute],
  [sdk.DescribeInstanceCreditSpecifications$, DescribeInstanceCreditSpecifications],
  [sdk.DescribeInstanceStatus$, DescribeInstanceStatus],
  [sdk.DescribeInstanceTypeOfferings$, DescribeInstanceTypeOfferings],
  [sdk.DescribeInstanceTypes$, DescribeInstanceTypes],
  [sdk.DescribeInstances$, DescribeInstances],
  [sdk.DescribeInternetGateways$, DescribeInternetGateways],
  [sdk.DescribeKeyPairs$, DescribeKeyPairs],
  [sdk.DescribeNetworkInterfaces$, DescribeNetworkInterfaces],
  [sdk.DescribeRegions$, DescribeRegions],
  [sdk.DescribeRouteTables$, DescribeRouteTables],
  [sdk.DescribeSecurityGroupRules$, DescribeSecurityGroupRules],
  [sdk.DescribeSecurityGroups$, DescribeSecurityGroups],
  [sdk.DescribeSubnets$, DescribeSubnets],
  [sdk.DescribeTags$, DescribeTags],
  [sdk.DescribeVolumes$, DescribeVolumes],
  [sdk.DescribeVpcAttribute$, DescribeVpcAttribute],
  [sdk.DescribeVpcs$, DescribeVpcs],
  [sdk.DisassociateIamInstanceProfile$, DisassociateIamInstanceProfile],
  [sdk.GetConsoleOutput$, GetConsoleOutput],
  [sdk.GetEbsEncryptionByDefault$, GetEbsEncryptionByDefault],
  [sdk.ImportKeyPair$, ImportKeyPair],
  [sdk.ModifyInstanceAttribute$, ModifyInstanceAttribute],
  [sdk.ModifyInstanceCreditSpecification$, ModifyInstanceCreditSpecification],
  [sdk.MonitorInstances$, MonitorInstances],
  [sdk.RebootInstances$, RebootInstances],
  [sdk.ReplaceIamInstanceProfileAssociation$, ReplaceIamInstanceProfileAssociation],
  [sdk.RevokeSecurityGroupEgress$, RevokeSecurityGroupEgress],
  [sdk.RevokeSecurityGroupIngress$, RevokeSecurityGroupIngress],
  [sdk.RunInstances$, RunInstances],
  [sdk.StartInstances$, StartInstances],
  [sdk.StopInstances$, StopInstances],
  [sdk.TerminateInstances$, TerminateInstances],
  [sdk.UnmonitorInstances$, UnmonitorInstances],
]);
