// The program as oclif itself runs it, from package.json: what its own tools, @oclif/test and plugins do.
import { execute } from '@oclif/core';

await execute({ dir: import.meta.resolve('../../package.json') });
