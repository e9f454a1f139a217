// The chapters there are: a folder for each and one line here. Loads none of them.
import type { Entry } from './chapter.ts';
import { outline as tutorial } from './tutorial/outline.ts';

/** The first is what `up`, `status`, `verify`, `scale` and `destroy` are about. */
export const chapters: readonly [Entry, ...Entry[]] = [
  { outline: tutorial, load: async () => (await import('./tutorial/chapter.ts')).tutorial },
];
