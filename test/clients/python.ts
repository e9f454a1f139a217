// A Python with boto3 and ecs-deploy, in an environment of its own that is made once.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installedIn, works } from './client.ts';

/** @returns the interpreter; undefined where there is none, or the packages cannot be had. */
export function python(): string | undefined {
  const dir = installedIn('python');
  const interpreter = join(dir, 'bin', 'python');
  const imports = ['-c', 'import boto3, ecs_deploy'];
  if (existsSync(interpreter) && works(interpreter, imports)) return interpreter;
  if (!works('python3', ['-m', 'venv', dir])) return undefined;
  if (!works(interpreter, ['-m', 'pip', 'install', '--quiet', 'boto3', 'ecs-deploy'])) return undefined;
  return works(interpreter, imports) ? interpreter : undefined;
}
