import { describe, expect, it } from 'vitest';
import { watchPages } from '../../src/aws/pages.ts';

describe('watchPages', () => {
  it('lets lists end, also several of one operation side by side', () => {
    const watch = watchPages();
    for (const list of ['a', 'b']) {
      watch('ecs:ListTasks', {}, { nextToken: `${list}1` });
      watch('ecs:ListTasks', { nextToken: `${list}1` }, { nextToken: `${list}2` });
      watch('ecs:ListTasks', { nextToken: `${list}2` }, {});
    }
    expect(() => watch('ecs:ListTasks', {}, { nextToken: 'a1' })).not.toThrow();
  });

  it.each([
    ['nextToken', 'nextToken'],
    ['NextToken', 'NextToken'],
    ['Marker', 'NextMarker'],
    ['Marker', 'Marker'],
  ])('sees %s come again as %s', (asked, answered) => {
    const watch = watchPages();
    watch('x:List', {}, { [answered]: 't' });
    expect(() => watch('x:List', { [asked]: 't' }, { [answered]: 't' })).toThrow('the same page token came again');
  });

  it('sees ever new pages, and a circle of them', () => {
    for (const next of [(page: number) => `p${page}`, (page: number) => `p${page % 2}`]) {
      const watch = watchPages();
      const read = (): void => {
        watch('x:List', {}, { nextToken: next(0) });
        for (let page = 1; page < 1500; page++)
          watch('x:List', { nextToken: next(page - 1) }, { nextToken: next(page) });
      };
      expect(read).toThrow('x:List finds no end: more than 1000 pages');
    }
  });
});
