// The public SSM parameters that lead to machine images: GetParameter, GetParameters, GetParametersByPath.
// Read-only, and the same in every sandbox; a person's own parameters are not offered.
import type {
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../aws-error.ts';
import { imagesOf } from '../ec2/images.ts';
import type { MachineImage } from '../ec2/images.ts';
import { arnOf } from '../arn.ts';
import type { Context } from '../handler.ts';
import { ssmPage } from './paging.ts';

interface PublicParameter {
  name: string;
  value: string;
  dataType: string;
  modifiedAt: string;
}

/** The ECS parameters have a JSON document one level above, and one child for each of its members. */
function ecsParameters(image: MachineImage, folder: string): PublicParameter[] {
  const version = image.name.split('-')[4] ?? '';
  const members: Record<string, string> = {
    ecs_agent_version: image.agentVersion ?? '',
    ecs_runtime_version: `Docker version ${image.dockerVersion ?? ''}`,
    image_id: image.imageId,
    image_name: image.name,
    image_version: version,
    os: image.osName,
    schema_version: '1',
    source_image_name: image.imdsV2
      ? `al2023-ami-minimal-${version}-kernel-6.1-${image.architecture}`
      : `amzn2-ami-minimal-hvm-${version}-${image.architecture}-ebs`,
  };
  const document = Object.fromEntries(
    Object.entries(members).map(([key, value]) => [key, key === 'schema_version' ? Number(value) : value]),
  );
  const base = { modifiedAt: image.creationDate, dataType: 'text' };
  return [
    { ...base, name: folder, value: JSON.stringify(document) },
    ...Object.entries(members)
      .filter(([key]) => key !== 'schema_version')
      .map(([key, value]) => ({
        ...base,
        name: `${folder}/${key}`,
        value,
        dataType: key === 'image_id' ? 'aws:ec2:image' : 'text',
      })),
  ];
}

function parametersOf(region: string): PublicParameter[] {
  return imagesOf(region).flatMap((image) =>
    image.parameterNames.flatMap((name): PublicParameter[] =>
      image.ecsOptimized
        ? ecsParameters(image, name.replace(/\/image_id$/, ''))
        : [{ name, value: image.imageId, dataType: 'aws:ec2:image', modifiedAt: image.creationDate }],
    ),
  );
}

function toParameter({ world }: Context, parameter: PublicParameter): Parameter {
  const { region } = world;
  return {
    Name: parameter.name,
    Type: 'String',
    Value: parameter.value,
    Version: 214,
    LastModifiedDate: new Date(parameter.modifiedAt),
    // Public parameters belong to no account.
    ARN: arnOf({ region, account: '' }, 'ssm', `parameter${parameter.name}`),
    DataType: parameter.dataType,
  };
}

function find(context: Context, name: string): PublicParameter | undefined {
  // A selector, `:3` or `:label`, is allowed after the name; only the present version exists.
  const bare = name.replace(/^arn:aws[a-z-]*:ssm:[^:]*:[^:]*:parameter/, '').replace(/:214$/, '');
  return parametersOf(context.world.region).find((one) => one.name === bare);
}

/** @throws AwsError `ParameterNotFound`. */
export function GetParameter(context: Context, input: GetParameterRequest): GetParameterResult {
  const parameter = find(context, input.Name ?? '');
  if (parameter === undefined) throw new AwsError('ParameterNotFound', `Parameter ${input.Name ?? ''} not found.`);
  return { Parameter: toParameter(context, parameter) };
}

/** Names that are not there are listed, not refused. At most ten. @throws AwsError `ValidationException`. */
export function GetParameters(context: Context, input: GetParametersRequest): GetParametersResult {
  const names = input.Names ?? [];
  if (names.length < 1 || names.length > 10) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 10`,
    );
  }
  const found = names.map((name) => ({ name, parameter: find(context, name) }));
  return {
    Parameters: found.flatMap(({ parameter }) => (parameter === undefined ? [] : [toParameter(context, parameter)])),
    InvalidParameters: found.filter(({ parameter }) => parameter === undefined).map(({ name }) => name),
  };
}

/** Without Recursive only the level right below the path. Pages of at most ten, which is also the default. */
export function GetParametersByPath(context: Context, input: GetParametersByPathRequest): GetParametersByPathResult {
  const path = input.Path ?? '';
  if (!path.startsWith('/')) {
    throw new AwsError(
      'ValidationException',
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    );
  }
  const folder = path.endsWith('/') ? path : `${path}/`;
  const below = parametersOf(context.world.region)
    .filter((one) => one.name.startsWith(folder))
    .filter((one) => input.Recursive === true || !one.name.slice(folder.length).includes('/'));
  const page = ssmPage(below, input, { key: ({ name }) => name, min: 1, max: 10, fallback: 10 });
  return { Parameters: page.items.map((one) => toParameter(context, one)), NextToken: page.nextToken };
}
