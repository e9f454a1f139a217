// The demo's tag is taken away: then the resource is nobody's, so `up` refuses it by name, changes nothing, and takes it
// over with --adopt. Only the role may be anybody's.
import { DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { UntagResourceCommand } from '@aws-sdk/client-ecs';
import { RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { UntagRoleCommand } from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import type { EcsdemoError } from '../../../src/base/errors.ts';
import { suggestionTexts } from '../../../src/base/suggestion.ts';
import {
  balancer,
  type Clients,
  groupNamed,
  instanceId,
  RoleName,
  serviceOf,
  targetGroup,
} from '../../helpers/my-resources.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';
import { failureOf } from '../../sandbox/tiny-server.ts';

const demoTag = 'ecsdemo:demo';

interface Untagged {
  type: string;
  /** Takes the demo's tag away. @returns the ARN or id of the resource. */
  untag: (clients: Clients) => Promise<string>;
  /** The mutating calls of `up --adopt`. */
  adopted: string[];
}

async function untagEc2({ ec2 }: Clients, id: string): Promise<string> {
  await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: demoTag }] }));
  return id;
}

async function untagElb({ elbv2 }: Clients, arn: string): Promise<string> {
  await elbv2.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: [demoTag] }));
  return arn;
}

async function untagEcs({ ecs }: Clients, arn = ''): Promise<string> {
  await ecs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: [demoTag] }));
  return arn;
}

const untagged: Untagged[] = [
  {
    type: 'AWS::EC2::SecurityGroup',
    untag: async (clients) => untagEc2(clients, (await groupNamed(clients, 'my-elb-sg')).GroupId ?? ''),
    adopted: ['CreateTags'],
  },
  {
    type: 'AWS::EC2::Instance',
    untag: async (clients) => untagEc2(clients, await instanceId(clients)),
    adopted: ['CreateTags'],
  },
  {
    type: 'AWS::ECS::Cluster',
    untag: async (clients) => untagEcs(clients, (await serviceOf(clients))?.clusterArn),
    adopted: ['TagResource'],
  },
  {
    type: 'AWS::ECS::Service',
    untag: async (clients) => untagEcs(clients, (await serviceOf(clients))?.serviceArn),
    adopted: ['TagResource'],
  },
  {
    type: 'AWS::ECS::TaskDefinition',
    untag: async (clients) => untagEcs(clients, (await serviceOf(clients))?.taskDefinition),
    // A revision cannot be claimed by others' tags: the demo's own follows it.
    adopted: ['RegisterTaskDefinition', 'UpdateService'],
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    untag: async (clients) => untagElb(clients, await targetGroup(clients)),
    adopted: ['AddTags'],
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    untag: async (clients) => untagElb(clients, (await balancer(clients)).LoadBalancerArn ?? ''),
    adopted: ['AddTags'],
  },
];

describe.concurrent('the tag is taken away', { timeout: 60_000 }, () => {
  test.for(untagged)(
    'from $type: refused by name, and taken over with --adopt',
    async ({ type, untag, adopted }, { expect: expected, onTestFinished }) => {
      const demo = await startRunningDemo({}, onTestFinished);
      await demo.run('up');
      const id = await untag(demo.clients);
      const told = await demo.run('status');
      expected(
        told.result.data.resources.filter((each) => each.type === type && !each.owned && each.id === id),
      ).toHaveLength(1);
      expected(told.result.data.changes.some((each) => each.type === type)).toBe(true);
      for (const flags of [{}, { 'dry-run': true }]) {
        const refusal = (await failureOf(demo.run('up', flags))) as EcsdemoError;
        expected([refusal.code, refusal.exitCode]).toEqual(['not-ours', 4]);
        expected(refusal.message).toContain(id);
        expected(suggestionTexts(refusal.suggestions).join(' ')).toContain('--adopt');
      }
      const repair = await demo.run('up', { adopt: true });
      expected(repair.mutating.toSorted()).toEqual(adopted.toSorted());
      expected((await demo.run('up')).mutating).toEqual([]);
      expected((await demo.run('status')).result.data.changes).toEqual([]);
    },
  );
});

test("a role without the tag is somebody else's: used as it is, never refused", async () => {
  const demo = await startRunningDemo();
  await demo.run('up');
  await demo.clients.iam.send(new UntagRoleCommand({ RoleName, TagKeys: [demoTag] }));
  const told = await demo.run('status');
  expect(told.result.data.resources.find((each) => each.type === 'AWS::IAM::Role')?.owned).toBe(false);
  expect(told.result.data.changes).toEqual([]);
  expect((await demo.run('up')).mutating).toEqual([]);
});
