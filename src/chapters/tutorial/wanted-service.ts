// The tutorial's service as a value: what making it, scaling it and waiting for it take.
import type { Service } from '@aws-sdk/client-ecs';
import { tagValue } from '../../aws/ownership.ts';
import { tagKeys } from '../../base/names.ts';
import { isSameServed, type Served } from '../../document/served.ts';
import { grants, tcpFromGroup } from '../../resources/ec2/security-group.ts';
import type { WantedService } from '../../resources/ecs/service.ts';
import { needsOf } from '../../resources/ecs/task-needs.ts';
import { wantedAnswer } from './wanted-answer.ts';
import type { TutorialContext } from './context.ts';

/** With network mode `awsvpc` a task is in the network itself, guarded by the group that guards the container instances. */
function networkOfTasks({ facts, document, looking }: TutorialContext): WantedService['network'] {
  const { network } = facts;
  const groupId = network?.ecsSecurityGroup?.GroupId;
  if (network === undefined || groupId === undefined) return undefined;
  if (looking) {
    // Which mode and which subnets `up` was told, the service knows.
    const subnets = facts.service?.networkConfiguration?.awsvpcConfiguration?.subnets;
    return subnets && { subnets, securityGroups: [groupId] };
  }
  if (document.register.networkMode !== 'awsvpc') return undefined;
  return { subnets: network.subnets.map(({ SubnetId }) => SubnetId), securityGroups: [groupId] };
}

/** The container and its port that a service's load balancer talks to; undefined: it has none. */
export function servedBy(service: Service | undefined): Served | undefined {
  const [{ containerName, containerPort } = {}] = service?.loadBalancers ?? [];
  return containerName === undefined || containerPort === undefined ? undefined : { containerName, containerPort };
}

/** What nobody chose stays as it is: which container it was, the service remembers. */
function choiceOf({ facts, document }: TutorialContext): Served {
  const has = servedBy(facts.service);
  const { containerName, containerPort, alternatives } = document;
  return alternatives.find((each) => isSameServed(has, each)) ?? { containerName, containerPort };
}

export function wantedService(context: TutorialContext): WantedService {
  const { names, settings, facts } = context;
  const served = choiceOf(context);
  return {
    name: names.service,
    cluster: names.cluster,
    generation: tagValue(facts.cluster?.tags, tagKeys.generation) ?? '',
    taskDefinition: { family: names.family, arn: facts.taskDefinition?.taskDefinitionArn },
    revisionDue: facts.revisionDue,
    behind: {
      targetGroupArn: facts.targetGroup?.TargetGroupArn,
      ...served,
    },
    network: networkOfTasks(context),
    // With a host port of its own a task keeps others out: how they give way is the person's to say.
    ownPercent: needsOf(context.document.register).hostPorts.length > 0,
    count: settings.count,
    replaces: facts.service?.createdAt ?? facts.deletedService?.createdAt,
    instanceIds: (facts.instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []),
    told: {
      from: { file: settings.taskDefinitionFile, image: settings.image, command: settings.command },
      probe: {
        containerPort: served.containerPort,
        path: wantedAnswer(context).path,
        reachable: isReachable(context, served),
      },
    },
    looked(service, targets) {
      facts.service = service;
      facts.targets = targets;
    },
  };
}

/** Whether the load balancer may reach what tasks listen on: any port of the instances, or the container's own; undefined: the groups were not looked at. */
function isReachable({ facts, names, document }: TutorialContext, { containerPort }: Served): boolean | undefined {
  const { ecsSecurityGroup, elbSecurityGroup } = facts.network ?? {};
  if (ecsSecurityGroup === undefined || elbSecurityGroup?.GroupId === undefined) return undefined;
  const from = { name: names.elbSecurityGroup, id: elbSecurityGroup.GroupId };
  const isBridge = (document.register.networkMode ?? 'bridge') === 'bridge';
  const [first, last] = isBridge ? [32_768, 60_999] : [containerPort, containerPort];
  return grants(ecsSecurityGroup, tcpFromGroup(first, last, from).permission);
}
