import { describe, expect, it } from 'vitest';
import { settingsFrom } from '../../src/base/settings.ts';
import { outline } from '../../src/chapters/tutorial/outline.ts';
import { up } from '../helpers/one-action.ts';

describe('up', () => {
  it('goes through a step of the chapter, and refuses what is none', async () => {
    const settings = { ...settingsFrom({}, {}, []), through: 'nowhere' };
    await expect(up(settings, () => undefined, new AbortController().signal)).rejects.toMatchObject({
      code: 'usage',
      message: `--through "nowhere" is not a step: ${outline.steps.map(({ id }) => id).join(', ')}`,
      suggestions: [{ flags: { through: 'verify' } }],
    });
  });
});
