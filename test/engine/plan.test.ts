import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderSteps, reversed, stepsThrough } from '../../src/engine/plan.ts';

interface Node {
  id: string;
  needs: string[];
}

/** Steps that need only steps made before them, in a shuffled order: every acyclic plan. */
const acyclic = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 }).chain((edges) => {
  const nodes: Node[] = edges.map((needs, index) => ({
    id: `s${index}`,
    needs: [...new Set(needs.filter((each) => each < index).map((each) => `s${each}`))],
  }));
  return fc.shuffledSubarray(nodes, { minLength: nodes.length });
});

function position(nodes: readonly Node[]): Map<string, number> {
  return new Map(nodes.map(({ id }, index) => [id, index]));
}

describe('orderSteps', () => {
  it('puts every step after those it needs, and loses none', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const ordered = orderSteps(nodes);
        const at = position(ordered);
        expect(ordered.map(({ id }) => id).toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
        for (const node of ordered)
          for (const need of node.needs) expect(at.get(need)).toBeLessThan(at.get(node.id) ?? -1);
      }),
    );
  });

  it('keeps the order given where needs leave it open', () => {
    expect(
      orderSteps([
        { id: 'b', needs: [] },
        { id: 'a', needs: [] },
      ]).map(({ id }) => id),
    ).toEqual(['b', 'a']);
  });

  it('refuses a circle and a stranger', () => {
    expect(() =>
      orderSteps([
        { id: 'a', needs: ['b'] },
        { id: 'b', needs: ['a'] },
      ]),
    ).toThrow(/a → b → a/);
    expect(() => orderSteps([{ id: 'a', needs: ['x'] }])).toThrow(/needs x/);
  });
});

describe('reversed', () => {
  it('turns every arrow round: what was needed comes last', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const at = position(reversed(nodes));
        for (const node of nodes)
          for (const need of node.needs) expect(at.get(node.id)).toBeLessThan(at.get(need) ?? -1);
      }),
    );
  });

  it('twice is the same plan again', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const twice = reversed(reversed(nodes));
        for (const node of nodes) {
          expect(twice.find(({ id }) => id === node.id)?.needs.toSorted()).toEqual(node.needs.toSorted());
        }
      }),
    );
  });
});

describe('stepsThrough', () => {
  const steps = [
    { id: 'a', needs: [] },
    { id: 'b', needs: ['a'] },
    { id: 'c', needs: [] },
  ];
  it('ends with the step named', () => {
    expect(stepsThrough(steps, 'b').map(({ id }) => id)).toEqual(['a', 'b']);
  });
  it('is all of them when none is named', () => {
    expect(stepsThrough(steps, undefined)).toHaveLength(3);
  });
});
