import { it, expect } from 'vitest';
import { suggestionsInSources } from './inventory.ts';
import { stories } from './stories.ts';
it('x', () => { const all = suggestionsInSources(); const c=new Set(Object.values(stories).flatMap((s)=>s.sites)); console.log('MISSING\n'+all.filter((x)=>!c.has(x)).join('\n')); console.log('STALE\n'+[...c].filter((x)=>!all.includes(x)).join('\n'));expect(1).toBe(1); });
