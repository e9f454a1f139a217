// The task definition that is wanted: the template, or a person's own file. Knows nothing of how files are read and checked,
// which is loaded for who has one.
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Tag } from '@aws-sdk/client-ecs';
import { readTemplate } from '../base/package-root.ts';
import type { Settings } from '../base/settings.ts';
import { type Served, servable } from './served.ts';

/** A document as RegisterTaskDefinition takes it, but for its family. */
export type Registration = Omit<RegisterTaskDefinitionCommandInput, 'tags' | 'family'> & {
  containerDefinitions: ContainerDefinition[];
};

/** What RegisterTaskDefinition is given, and the container that the load balancer talks to. */
export interface TaskDefinitionDocument extends Served {
  register: Registration & { family: string };
  /** The file's own. */
  tags: Tag[];
  /** What else the load balancer could talk to, nobody having chosen: a service that does so already goes on. */
  alternatives: Served[];
}

/**
 * Reads and checks the document.
 * @param family the demo's own: the file's is not used, so that the revisions can be found again by name.
 * @throws EcsdemoError `template-invalid` naming file, line and what to change; `usage` for a container that it lacks
 */
export async function loadTaskDefinition(settings: Settings, family: string): Promise<TaskDefinitionDocument> {
  const { taskDefinitionFile } = settings;
  if (taskDefinitionFile === undefined) return templateDefinition(settings, family);
  const { readTaskDefinitionFile } = await import('./task-definition-file.ts');
  const { register, tags, served } = await readTaskDefinitionFile(taskDefinitionFile, settings);
  return { ...wanted(register, family, served), tags };
}

/** The tutorial's own document, with what the flags put in its places. */
export function templateDefinition(
  { image, command, containerPort }: Pick<Settings, 'image' | 'command' | 'containerPort'>,
  family: string,
): TaskDefinitionDocument {
  const register = JSON.parse(readTemplate('task-definition.json')) as Registration;
  const [web] = register.containerDefinitions;
  const [mapping] = web?.portMappings ?? [];
  if (web !== undefined && image !== undefined) web.image = image;
  if (web !== undefined && command !== undefined) web.command = command;
  if (mapping !== undefined && containerPort !== undefined) mapping.containerPort = containerPort;
  return wanted(register, family, servable(register.containerDefinitions));
}

/** @param served best first, not empty */
function wanted(register: Registration, family: string, served: readonly Served[]): TaskDefinitionDocument {
  const [best = { containerName: '', containerPort: 0 }, ...alternatives] = served;
  return { register: { ...register, family }, tags: [], ...best, alternatives };
}
