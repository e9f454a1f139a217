// Images of a person's own: names that run as one of the stand-ins, so that the deployment of a new image can be played.
// They are kept in the world. Everything that is asked for is checked here.
import type { Context } from '../handler.ts';
import { Refused } from '../refused.ts';
import type { World } from '../world.ts';
import { parseImageReference, pullImage, type Architecture, type StandIn } from './images.ts';
import { registeredLikes, type RegisteredImage } from './records.ts';

const maxImages = 200;
const maxAnswer = 1024;

const standInOf: Record<RegisteredImage['like'], string> = { nginx: 'nginx', sinatra: 'tongueroo/sinatra' };

/** A name of Docker's, with or without a tag or a registry: `own/app:v2`. */
const reference = /^[a-z0-9][a-z0-9._:/-]{0,200}(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$/;

/**
 * Registers the image, or changes it. Without a tag it stands for every tag that is not registered itself.
 * @throws Refused naming what is wrong.
 */
export function registerImage({ world }: Context, given: Record<string, unknown>): { image: RegisteredImage } {
  const { name, like = 'nginx', answer } = given;
  if (typeof name !== 'string' || !reference.test(name))
    throw new Refused('name is no name of an image, such as own/app:v2');
  if (!registeredLikes.includes(like as never)) throw new Refused(`like is none of ${registeredLikes.join(', ')}`);
  if (answer !== undefined && (typeof answer !== 'string' || answer.length > maxAnswer))
    throw new Refused(`answer is no text of at most ${maxAnswer} characters`);
  const key = keyOf(name);
  if (!Object.hasOwn(world.images, key) && Object.keys(world.images).length >= maxImages)
    throw new Refused(`${maxImages} images are registered already`);
  const image: RegisteredImage = {
    name,
    like: like as RegisteredImage['like'],
    ...(typeof answer === 'string' && { answer }),
  };
  world.images[key] = image;
  return { image };
}

/** With the tag where one was given. */
function keyOf(name: string): string {
  const { repository, tag } = parseImageReference(name);
  return /:[^/]*$/.test(name) ? `${repository}:${tag}` : repository;
}

/** What a pull of the reference gives in this world: what is registered comes before the sandbox's own stand-ins. */
export function imageIn(world: World, name: string, architecture: Architecture): StandIn | { failure: string } {
  const { repository, tag } = parseImageReference(name);
  const key = [`${repository}:${tag}`, repository].find((one) => Object.hasOwn(world.images, one)) ?? '';
  const registered = world.images[key];
  if (registered === undefined) return pullImage(name, architecture);
  const standIn = pullImage(standInOf[registered.like], architecture);
  if ('failure' in standIn || registered.answer === undefined) return standIn;
  return { ...standIn, answer: registered.answer };
}
