// The commands that the walks break, each with what stands before it.
import type { Story } from './cases.ts';
import type { Typed } from './demo-world.ts';

export const up: Typed = { command: 'up', flags: {} };
export const destroy: Typed = { command: 'destroy', flags: {} };
const scale = (flags: Typed['flags']): Typed => ({ command: 'scale', flags });

export const upFresh: Story = { given: [], command: up };
export const scaleTasks: Story = { given: [up], command: scale({ count: '4' }), back: scale({ count: '1' }) };
export const moreInstances: Story = {
  given: [up],
  command: scale({ instances: '2' }),
  back: scale({ instances: '1' }),
};
export const fewerInstances: Story = {
  given: [{ command: 'up', flags: { instances: '2' } }],
  command: scale({ instances: '1' }),
  back: scale({ instances: '2' }),
};
export const destroyAll: Story = { given: [up], command: destroy };
