// Step 1, the container instances; and step 6, as far as it changes their number.
import type { StepRun } from '../../engine/types.ts';
import {
  ensureFleet,
  type Fleet,
  findFleet,
  fleetUses,
  planFleet,
  removeFleet,
  shrinkFleet,
} from '../../resources/ec2/instances.ts';
import { recordCount } from '../../resources/ecs/cluster.ts';
import { working } from '../../resources/resource.ts';
import type { ChapterStep } from '../chapter.ts';
import type { TutorialContext } from './context.ts';
import { takeForeseen } from './foresight.ts';
import { cluster, instance as outline, network, role } from './outline.ts';
import { wantedInstances } from './wanted-instances.ts';

/** What was found before the first change, told as if it were found now. */
function takeFleet(context: TutorialContext): Fleet | undefined {
  const fleet = takeForeseen(context, 'fleet');
  if (fleet !== undefined) wantedInstances(context).looked?.(fleet);
  return fleet;
}

export const instance: ChapterStep<TutorialContext> = {
  ...outline,
  uses: fleetUses,
  needs: [network.id, role.id, cluster.id],
  async inspect(context, run) {
    const at = working(context, run, outline.id);
    const wanted = wantedInstances(context);
    return planFleet(at, wanted, takeFleet(context) ?? (await findFleet(at, wanted)));
  },
  ensure: (context, run) =>
    ensureFleet(working(context, run, outline.id), wantedInstances(context), takeFleet(context)),
  remove: (context, run) => removeFleet(working(context, run, outline.id), wantedInstances(context)),
};

/** Brings the number of container instances to `count`, and notes it for later runs. */
export async function scaleInstances(context: TutorialContext, run: StepRun, count: number): Promise<void> {
  const { facts } = context;
  const at = working(context, run, outline.id);
  const fleet = await findFleet(at, wantedInstances(context));
  if (facts.cluster !== undefined) facts.cluster = await recordCount(at, facts.cluster, count);
  const wanted = { ...wantedInstances(context), count };
  if (!(await shrinkFleet(at, wanted, fleet, count))) await ensureFleet(at, wanted);
}
