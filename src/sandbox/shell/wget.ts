// `wget` as health checks call it, with the options that GNU's and busybox's share. Who answers is the caller's to say.
import { fetchFrom, portOf, toUrl, type Reach } from './fetch.ts';
import { failure, success, type Output } from './output.ts';

/** Short options with a value: -O file, -T seconds, -t tries, -U agent. */
const withValue = new Set(['O', 'T', 't', 'U']);

/** What `wget <words>` does: exit code 1 for anything but a success, as busybox (GNU's 4 and 8 are failures as well). */
export async function wget(words: readonly string[], reach: Reach, signal: AbortSignal): Promise<Output> {
  let quiet = false;
  let spider = false;
  let toStdout = false;
  let target: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') target ??= word;
    else if (word === '--spider') spider = true;
    else if (word === '--quiet') quiet = true;
    else if (word.startsWith('--output-document=')) toStdout = word.endsWith('=-');
    else if (word.startsWith('--')) continue;
    else {
      for (let letter = 1; letter < word.length; letter++) {
        const option = word.charAt(letter);
        if (option === 'q') quiet = true;
        if (!withValue.has(option)) continue;
        const value = word.slice(letter + 1) || (words[++at] ?? '');
        if (option === 'O') toStdout = value === '-';
        break;
      }
    }
  }
  const url = target === undefined ? undefined : toUrl(target);
  const complain = (text: string): Output => failure(1, quiet ? '' : `wget: ${text}\n`);
  if (!url) return complain('missing URL');
  if (url.protocol !== 'http:') return complain(`not an http url: ${target}`);
  const answer = await fetchFrom(
    reach,
    url,
    { method: spider ? 'HEAD' : 'GET', headers: { 'user-agent': 'Wget' } },
    signal,
  );
  switch (answer) {
    case 'unknown host':
      return complain(`bad address '${url.hostname}'`);
    case 'refused':
      return complain(`can't connect to remote host (${url.hostname}:${portOf(url)}): Connection refused`);
    case 'timeout':
      return complain('download timed out');
    case 'reset':
    case 'empty':
      return complain('error getting response');
    default:
      if (answer.status >= 400)
        return complain(`server returned error: HTTP/1.1 ${answer.status} ${answer.statusText}`);
      return success(toStdout && !spider ? answer.body : '');
  }
}
