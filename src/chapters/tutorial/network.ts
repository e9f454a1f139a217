// Step 1, the network: the default VPC with one subnet in each usable zone, and the two security groups with their rules.
import type { SecurityGroup } from '@aws-sdk/client-ec2';
import { isOurs } from '../../aws/ownership.ts';
import { defaults } from '../../base/settings.ts';
import type { Resource } from '../../engine/types.ts';
import {
  ensureRules,
  findGroups,
  missingRules,
  revokeReferences,
  type Rule,
  securityGroup,
  tcpFromCidr,
  tcpFromGroup,
  type WantedSecurityGroup,
} from '../../resources/ec2/security-group.ts';
import { findNetwork, type Network, networkUses } from '../../resources/ec2/subnets.ts';
import {
  converge,
  foreign,
  guard,
  inspections,
  plan,
  planned,
  remove,
  removals,
  type Scope,
  shown,
  type Work,
  working,
} from '../../resources/resource.ts';
import { usesOf } from '../../resources/uses.ts';
import type { ChapterStep } from '../chapter.ts';
import type { TutorialContext } from './context.ts';
import { network as outline } from './outline.ts';

interface Groups {
  elb: SecurityGroup | undefined;
  ecs: SecurityGroup | undefined;
}

/** The groups in the demo's VPC: the load balancer's and the container instances'. */
export function wantedGroups({ names }: TutorialContext, vpcId: string): Record<keyof Groups, WantedSecurityGroup> {
  const balancers = [names.loadBalancer];
  const elb = 'ecsdemo: HTTP from the world to the load balancer';
  const ecs = 'ecsdemo: the load balancer to the container instances';
  return {
    elb: { name: names.elbSecurityGroup, vpcId, description: elb, balancers },
    ecs: { name: names.ecsSecurityGroup, vpcId, description: ecs, balancers },
  };
}

/** @param elb undefined: the group does not exist yet, which the plan must be able to show */
function wantedRules(
  { names, settings }: TutorialContext,
  elb: SecurityGroup | undefined,
): Record<keyof Groups, Rule[]> {
  const { sshFrom } = settings;
  return {
    elb: [tcpFromCidr(80, '0.0.0.0/0')],
    ecs: [
      tcpFromGroup(1, 65_535, { name: names.elbSecurityGroup, id: elb?.GroupId }),
      ...(sshFrom === undefined ? [] : [tcpFromCidr(22, sshFrom)]),
    ],
  };
}

function typeOf({ settings }: TutorialContext): string {
  return settings.instanceType ?? defaults.instanceType;
}

/** @throws EcsdemoError as `findNetwork`: what there is no room for in this account */
export async function observe(context: TutorialContext): Promise<{ network: Network; groups: Groups }> {
  const { settings, names, demo, facts } = context;
  const finding = findGroups(context, [names.ecsSecurityGroup, names.elbSecurityGroup]);
  const network = await findNetwork(
    context,
    {
      vpcId: settings.vpcId,
      subnetIds: settings.subnetIds,
      instanceType: typeOf(context),
    },
    finding.then((found) => found.filter(({ Tags }) => isOurs(Tags, demo)).map(({ VpcId = '' }) => VpcId)),
  );
  const found = await finding;
  const ofVpc = (name: string) => found.find(({ GroupName, VpcId }) => GroupName === name && VpcId === network.vpcId);
  const groups = { elb: ofVpc(names.elbSecurityGroup), ecs: ofVpc(names.ecsSecurityGroup) };
  facts.network = { ...network, elbSecurityGroup: groups.elb, ecsSecurityGroup: groups.ecs };
  return { network, groups };
}

/** Another zone than usual, and a load balancer that moves there, are not to be found out by looking. */
function tellPassedOver({ step, run }: Work, { passedOver = [], subnets }: Network, instanceType: string): void {
  if (passedOver.length === 0) return;
  const used = subnets.map(({ AvailabilityZone }) => AvailabilityZone).join(' and ');
  const message = `${instanceType} is not offered in ${passedOver.join(' and ')}: load balancer and instances are in ${used}`;
  run.report({ type: 'warning', step, message });
}

function vpcResource({ step }: Pick<Work, 'step'>, vpcId: string): Resource[] {
  if (vpcId === '') return [];
  return [{ step, type: 'AWS::EC2::VPC', name: vpcId, id: vpcId, state: 'available', owned: false }];
}

export const network: ChapterStep<TutorialContext> = {
  ...outline,
  uses: usesOf(networkUses, securityGroup.uses),
  needs: [],
  async inspect(context, run) {
    const at = working(context, run, outline.id);
    const { network: found, groups } = await observe(context);
    if (!context.looking) tellPassedOver(at, found, typeOf(context));
    const wanted = wantedGroups(context, found.vpcId);
    const rules = wantedRules(context, groups.elb);
    const parts = (['elb', 'ecs'] as const).map((key) => {
      const { resources, changes } = plan(securityGroup, at, wanted[key], groups[key]);
      const missing = missingRules(at, groups[key] ?? { GroupName: wanted[key].name }, rules[key]);
      return { resources, changes: [...changes, ...planned(securityGroup, at, wanted[key].name, missing)] };
    });
    return inspections([{ resources: vpcResource(at, found.vpcId), changes: [] }, ...parts]);
  },
  async ensure(context, run) {
    const at = working(context, run, outline.id);
    const { network: found, groups } = await observe(context);
    tellPassedOver(at, found, typeOf(context));
    const wanted = wantedGroups(context, found.vpcId);
    // Neither group is touched before both are known to be ours to touch.
    for (const key of ['elb', 'ecs'] as const) {
      if (groups[key] !== undefined) guard(securityGroup, at, wanted[key], groups[key]);
    }
    const [elb, ecs] = await Promise.all([
      converge(securityGroup, at, wanted.elb, groups.elb),
      converge(securityGroup, at, wanted.ecs, groups.ecs),
    ]);
    const rules = wantedRules(context, elb);
    const [elbSecurityGroup, ecsSecurityGroup] = await Promise.all([
      ensureRules(at, elb, rules.elb),
      ensureRules(at, ecs, rules.ecs),
    ]);
    // Verify reads the rules from here.
    context.facts.network = { ...found, elbSecurityGroup, ecsSecurityGroup };
    return [
      ...vpcResource(at, found.vpcId),
      shown(securityGroup, at, wanted.elb, elb),
      shown(securityGroup, at, wanted.ecs, ecs),
    ];
  },
  /** In whatever VPC they are. */
  async remove(context, run) {
    const at = working(context, run, outline.id);
    const { names } = context;
    const found = await findGroups(context, [names.ecsSecurityGroup, names.elbSecurityGroup]);
    await Promise.all(found.filter((group) => goes(at, group)).map((group) => revokeReferences(at, group)));
    return removals(
      await Promise.all(
        found.map((group) => {
          const { elb, ecs } = wantedGroups(context, group.VpcId ?? '');
          return remove(securityGroup, at, group.GroupName === elb.name ? elb : ecs, group);
        }),
      ),
    );
  },
};

function goes(at: Scope, group: SecurityGroup): boolean {
  return foreign(securityGroup, at, group) === undefined;
}
