// docs/bench.svg: the figures that matter to a reader, as bars. Pure: results in, text out. Readable on light and dark.
import { ms, ratio } from './stats.mjs';

const width = 760;
const left = 230;
const barHeight = 16;
const gap = 8;

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @param bars `[label, value, text, own?]`; the longest value fills the width. */
function group(title, bars, top) {
  const most = Math.max(...bars.map(([, value]) => value));
  const room = width - left - 150;
  const lines = [`<text x="0" y="${top + 14}" class="title">${escape(title)}</text>`];
  let y = top + 26;
  for (const [label, value, text, own] of bars) {
    const length = Math.max(2, Math.round((value / most) * room));
    lines.push(
      `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escape(label)}</text>`,
      `<rect x="${left}" y="${y}" width="${length}" height="${barHeight}" rx="2" class="${own ? 'own' : 'other'}"/>`,
      `<text x="${left + length + 6}" y="${y + 12}">${escape(text)}</text>`,
    );
    y += barHeight + gap;
  }
  return { lines, bottom: y + 12 };
}

export function plot({ tutorial, chain, startup, calls }) {
  const groups = [];
  for (const [latencyMs, { byHand, ecsdemo }] of Object.entries(tutorial.latencies)) {
    if (byHand === undefined) continue;
    const faster = ratio(byHand.total / ecsdemo.total);
    groups.push([
      `The seven steps${latencyMs === '0' ? ' on the sandbox' : `, ${latencyMs} ms per AWS call`}`,
      [
        ['by hand, AWS CLI', byHand.total, ms(byHand.total), false],
        ['ecsdemo', ecsdemo.total, `${ms(ecsdemo.total)} (${faster})`, true],
      ],
    ]);
  }
  groups.push([
    `up at AWS's own durations (${chain.pace} times compressed)`,
    [
      ['one wait after the other', chain.up.sumMs, ms(chain.up.sumMs), false],
      ['longest chain of waits', chain.up.longestMs, ms(chain.up.longestMs), false],
      ['ecsdemo', chain.up.tookMs, ms(chain.up.tookMs), true],
    ],
  ]);
  groups.push([
    'Start-up',
    Object.entries(startup.programs)
      .filter(([name]) => name !== 'node, a first line')
      .map(([name, { ms: took }]) => [name, took, ms(took), name.startsWith('ecsdemo')]),
  ]);
  groups.push([
    'AWS calls',
    Object.entries(calls).map(([name, { total, mutating }]) => [
      name,
      total,
      `${total}, ${mutating} of them changes`,
      true,
    ]),
  ]);
  let top = 8;
  const lines = [];
  for (const [title, bars] of groups) {
    const drawn = group(title, bars, top);
    lines.push(...drawn.lines);
    top = drawn.bottom;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img" aria-label="Benchmark of ecsdemo">
<style>text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-weight:600;fill:#24292f}.own{fill:#2da44e}.other{fill:#8c959f}@media(prefers-color-scheme:dark){text{fill:#9198a1}.title{fill:#e6edf3}}</style>
${lines.join('\n')}
</svg>
`;
}
