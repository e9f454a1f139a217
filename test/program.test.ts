import { describe, expect, it } from 'vitest';
import { settingsFrom, stepIds } from '../src/base/settings.ts';
import { up } from '../src/program.ts';

describe('the steps', () => {
  it('are those that --through names', async () => {
    const settings = { ...settingsFrom({}, {}, []), through: 'nowhere' };
    await expect(up(settings, () => undefined, new AbortController().signal)).rejects.toMatchObject({
      code: 'usage',
      suggestions: [`one of: ${stepIds.join(', ')}`],
    });
  });
});
