// What Systems Manager's calls ask of IAM (Service Authorization Reference).
import { resourceTags, textOf, textsOf, type Ask, type Authorization } from '../authorization/ask.ts';
import { arnOf } from '../arn.ts';
import type { Call } from '../server.ts';
import type { World } from '../world.ts';

/** Public parameters and AWS's documents are of no account. */
function ofAws(world: World, type: 'parameter' | 'document', name: string): string {
  const isPublic = type === 'parameter' ? name.startsWith('/aws/') : name.startsWith('AWS-');
  const place = isPublic ? { region: world.region, account: '' } : world;
  return arnOf(place, 'ssm', `${type}/${name.replace(/^\//, '')}`);
}

function resourcesOf({ operation, input }: Call, world: World): string[] {
  switch (operation) {
    case 'GetParameter':
      return [ofAws(world, 'parameter', textOf(input['Name']) ?? '')];
    case 'GetParameters':
      return textsOf(input['Names']).map((name) => ofAws(world, 'parameter', name));
    case 'GetParametersByPath':
      return [ofAws(world, 'parameter', textOf(input['Path']) ?? '')];
    case 'SendCommand': {
      const instances = textsOf(input['InstanceIds']);
      return [
        ...(instances.length === 0 ? ['*'] : instances).map((id) => arnOf(world, 'ec2', `instance/${id}`)),
        ofAws(world, 'document', textOf(input['DocumentName']) ?? ''),
      ];
    }
    default:
      return ['*'];
  }
}

export const authorization: Authorization = {
  keys: ['ssm:resourceTag/'],
  asks: (call, world) =>
    resourcesOf(call, world).map((resource): Ask => {
      const instance = world.instances[resource.slice(resource.lastIndexOf('/') + 1)];
      return { action: `ssm:${call.operation}`, resource, keys: resourceTags(instance?.tags, 'ssm:resourceTag/') };
    }),
};
