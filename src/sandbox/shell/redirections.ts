// Where the streams of a command go, and what it reads instead: files, the void, the other stream, here-documents.
// Knows no command.
import type { Redirection } from 'unbash';
import { expand, expandParts, Refusal, type ExpansionHost, type Part } from './expansion.ts';

/** Where a stream of a command goes. */
export type Sink = 'stdout' | 'stderr' | 'void' | { text: string };
export interface Streams {
  stdin: string | undefined;
  stdout: Sink;
  stderr: Sink;
}

/** A file that a command writes, told once the command has ended. */
export type FileSink = { path: string; sink: { text: string }; append: boolean };

/**
 * @param full as of the dialect: false, nothing but /dev/null and the other stream
 * @throws Refusal for what is not played
 */
export function* redirect(
  host: ExpansionHost,
  full: boolean,
  redirects: readonly Redirection[],
  streams: Streams,
): Part<{ redirected: Streams; files: FileSink[] }> {
  const redirected = { ...streams };
  const files: FileSink[] = [];
  for (const one of redirects) {
    if (one.type === 'HereDoc' && full) {
      let text = one.body.parts === undefined ? one.body.text : yield* expandParts(host, one.body.parts);
      if (one.operator === '<<-') text = text.replaceAll(/^\t+/gm, '');
      redirected.stdin = text;
      continue;
    }
    if (one.type === 'HereString' && one.target && full) {
      redirected.stdin = `${(yield* expand(host, one.target)).join(' ')}\n`;
      continue;
    }
    if (one.type !== 'Redirect' || !one.target) throw new Refusal('redirected input is not offered');
    const target = (yield* expand(host, one.target)).join(' ');
    if (one.operator.startsWith('<')) {
      if (target !== '/dev/null') throw new Refusal('redirected input is not offered');
      redirected.stdin = '';
      continue;
    }
    const fd = one.descriptor?.type === 'FileDescriptor' ? one.descriptor.value : undefined;
    if (one.operator === '>&' && /^[12]$/.test(target)) {
      const sink = target === '1' ? redirected.stdout : redirected.stderr;
      if (fd === 2) redirected.stderr = sink;
      else redirected.stdout = sink;
      continue;
    }
    const both = one.operator.startsWith('&>') || one.operator === '>&';
    let sink: Sink = 'void';
    if (target !== '/dev/null') {
      if (!full) throw new Refusal(`redirection to ${target} is not offered`);
      sink = { text: '' };
      files.push({ path: target, sink, append: one.operator.endsWith('>>') });
    }
    if (both || fd !== 2) redirected.stdout = sink;
    if (both || fd === 2) redirected.stderr = sink;
  }
  return { redirected, files };
}
