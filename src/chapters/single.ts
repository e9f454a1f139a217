// A step that is one resource: looks for it, and plans, converges or removes it.
import type { StepRun } from '../engine/types.ts';
import { converge, type Kind, type Named, plan, remove, type Scope, shown, working } from '../resources/resource.ts';
import type { ChapterStep, StepOutline } from './chapter.ts';

/**
 * @param wish what the resource is to be, of what the run was told and other steps have found
 * @param found notes for later steps what is there; undefined: nothing is
 */
export function single<Context extends Scope, Wanted extends Named, Seen>(
  outline: StepOutline & { needs: readonly string[] },
  kind: Kind<Wanted, Seen>,
  wish: (context: Context) => Wanted,
  found: (context: Context, seen: Seen | undefined) => void,
): ChapterStep<Context> {
  const look = async (context: Context, run: StepRun) => {
    const at = working(context, run, outline.id);
    const wanted = wish(context);
    const seen = await kind.find(at, wanted);
    found(context, seen);
    return { at, wanted, seen };
  };
  return {
    ...outline,
    uses: kind.uses,
    async inspect(context, run) {
      const { at, wanted, seen } = await look(context, run);
      return plan(kind, at, wanted, seen);
    },
    async ensure(context, run) {
      const { at, wanted, seen } = await look(context, run);
      const made = await converge(kind, at, wanted, seen);
      found(context, made);
      return [shown(kind, at, wanted, made)];
    },
    async remove(context, run) {
      const { at, wanted, seen } = await look(context, run);
      return remove(kind, at, wanted, seen);
    },
  };
}
