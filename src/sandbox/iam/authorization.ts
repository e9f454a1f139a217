// What IAM's own calls ask of IAM: on which role or profile, and with which condition keys (Service Authorization Reference).
import {
  requestTags,
  resourceTags,
  tagsIn,
  textOf,
  textsOf,
  type Ask,
  type Authorization,
} from '../authorization/ask.ts';
import { globalArnOf } from '../arn.ts';
import type { Call } from '../server.ts';
import type { World } from '../world.ts';
import { entityArn } from './entity-rules.ts';

const own = 'iam:ResourceTag/';

function roleAsk(world: World, action: string, name: string, path: string, keys: Ask['keys'] = {}): Ask {
  const role = world.roles[name];
  const resource = role?.arn ?? entityArn(world, 'role', path, name);
  return { action, resource, keys: { ...resourceTags(role?.tags, own), ...keys } };
}

function askOf(world: World, { operation, input }: Call): Ask {
  const action = `iam:${operation}`;
  const [role, profile, policy] = ['RoleName', 'InstanceProfileName', 'PolicyArn'].map((member) =>
    textOf(input[member]),
  );
  const path = textOf(input['Path']) ?? '/';
  const given = requestTags(tagsIn(input['Tags']));
  const removed = textsOf(input['TagKeys']);
  const keys = { ...given, ...(removed.length > 0 && { 'aws:TagKeys': removed }), 'iam:PolicyARN': policy };
  const service = textOf(input['AWSServiceName']);
  if (service !== undefined) {
    const resource = globalArnOf(world, 'iam', `role/aws-service-role/${service}/*`);
    return { action, resource, keys: { 'iam:AWSServiceName': service } };
  }
  if (profile !== undefined) {
    const seen = world.instanceProfiles[profile];
    const resource = seen?.arn ?? entityArn(world, 'instance-profile', path, profile);
    return { action, resource, keys: { ...resourceTags(seen?.tags), ...keys } };
  }
  if (role !== undefined) return roleAsk(world, action, role, path, keys);
  if (policy !== undefined) return { action, resource: policy, keys };
  // Lists are asked on the path that is listed: what denials name.
  const listed = { ListRoles: 'role', ListInstanceProfiles: 'instance-profile' }[operation];
  const prefix = textOf(input['PathPrefix']) ?? '/';
  return { action, resource: listed === undefined ? '*' : globalArnOf(world, 'iam', `${listed}${prefix}`), keys };
}

export const authorization: Authorization = {
  keys: ['iam:ResourceTag/', 'iam:PolicyARN', 'iam:PassedToService', 'iam:AWSServiceName'],
  asks(call, world) {
    const { operation, input } = call;
    const asks = [askOf(world, call)];
    const name = textOf(input['RoleName']) ?? '';
    const path = textOf(input['Path']) ?? '/';
    // Whoever puts a role into a profile gives it to the instances that get the profile.
    if (operation === 'AddRoleToInstanceProfile')
      asks.push(roleAsk(world, 'iam:PassRole', name, '/', { 'iam:PassedToService': 'ec2.amazonaws.com' }));
    const tags = requestTags(tagsIn(input['Tags']));
    if (tags['aws:TagKeys'] !== undefined && operation === 'CreateRole')
      asks.push({ action: 'iam:TagRole', resource: entityArn(world, 'role', path, name), keys: tags });
    if (tags['aws:TagKeys'] !== undefined && operation === 'CreateInstanceProfile') {
      const profile = textOf(input['InstanceProfileName']) ?? '';
      const resource = entityArn(world, 'instance-profile', path, profile);
      asks.push({ action: 'iam:TagInstanceProfile', resource, keys: tags });
    }
    return asks;
  },
};
