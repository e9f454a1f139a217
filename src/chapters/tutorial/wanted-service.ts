// The tutorial's service as a value: what making it, scaling it and waiting for it take.
import { tagValue } from '../../aws/ownership.ts';
import { tagKeys } from '../../base/names.ts';
import type { WantedService } from '../../resources/ecs/service.ts';
import type { TutorialContext } from './context.ts';

export function wantedService({ names, settings, facts, document }: TutorialContext): WantedService {
  return {
    name: names.service,
    cluster: names.cluster,
    generation: tagValue(facts.cluster?.tags, tagKeys.generation) ?? '',
    taskDefinition: { family: names.family, arn: facts.taskDefinition?.taskDefinitionArn },
    revisionDue: facts.revisionDue,
    behind: {
      targetGroupArn: facts.targetGroup?.TargetGroupArn,
      containerName: document.containerName,
      containerPort: document.containerPort,
    },
    count: settings.count,
    replaces: facts.service?.createdAt ?? facts.deletedService?.createdAt,
    instanceIds: (facts.instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []),
    looked(service, targets) {
      facts.service = service;
      facts.targets = targets;
    },
  };
}
