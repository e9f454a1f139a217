// What a rule of ECS for task definitions is: where a document breaks it, in ECS's own words and in words for who wrote it.
// Pure. Knows neither files nor the sandbox, which both look at documents by these rules.
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import type { JsonPath } from '../json-lines.ts';

export type Document = Partial<RegisterTaskDefinitionRequest>;

export interface Broken {
  path: JsonPath;
  /** The text of the ClientException that RegisterTaskDefinition answers with. */
  ecs: string;
  /** The end of the sentence 'the file, line 7, …': the wrong value, and what to write in its place. */
  words: string;
}

/** Every place where a document breaks it, the first one first. Members have the types of the API's shapes. */
export type Rule = (document: Document) => Iterable<Broken>;

/** What a rule for each container knows of the whole. */
export interface Whole {
  document: Document;
  containers: readonly ContainerDefinition[];
  networkMode: string;
}

export const containersOf = ({ containerDefinitions }: Document): readonly ContainerDefinition[] =>
  containerDefinitions ?? [];

/** Linux's default is bridge, also for what is to run on Fargate, which then refuses it. */
export function networkModeOf({ networkMode = 'bridge' }: Document): string {
  return networkMode;
}

/** A rule for each container by itself. `at`: the path of the container, to which members are added. */
export function ofEach(rule: (container: ContainerDefinition, at: JsonPath, whole: Whole) => Iterable<Broken>): Rule {
  return function* (document) {
    const containers = containersOf(document);
    const whole = { document, containers, networkMode: networkModeOf(document) };
    for (const [index, container] of containers.entries())
      yield* rule(container, ['containerDefinitions', index], whole);
  };
}

/** As the words name it: 'container "web"'. */
export const called = ({ name = '' }: ContainerDefinition): string => `container ${JSON.stringify(name)}`;

/** 'one, two or three' */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
