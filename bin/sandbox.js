// Starts the sandbox's own process, for control.ts.
import { load } from './load.cjs';

await load('sandbox').main();
