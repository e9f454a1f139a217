// The chapters there are: a folder for each and one line here. Loads none of them.
import type { Outline } from './chapter.ts';
import { outline as tutorial } from './tutorial/outline.ts';

/** The first is what `up`, `status`, `verify`, `scale` and `destroy` are about. */
export const chapters: readonly [Outline, ...Outline[]] = [tutorial];
