// Scripts as they are played: which commands are called with which words, what they put out, and what is refused.
import { describe, expect, it } from 'vitest';
import { interpret, type Dialect } from '../../../src/sandbox/shell/interpreter.ts';
import { failure, success, type Output } from '../../../src/sandbox/shell/output.ts';
import { textCommand } from '../../../src/sandbox/shell/text-commands.ts';

interface Played {
  calls: string[][];
  stdout: string;
  stderr: string;
  refused: string[];
  files: Record<string, string>;
  exitCode: number;
}

/** Commands are played by `run`, or as text commands; any other succeeds in silence. */
function play(
  script: string,
  dialect: Dialect,
  run?: (words: string[], stdin: string | undefined) => Output | undefined,
): Played {
  const played: Played = { calls: [], stdout: '', stderr: '', refused: [], files: {}, exitCode: 0 };
  const shell = interpret(script, dialect);
  let next = shell.next();
  while (!next.done) {
    const event = next.value;
    let output: Output | undefined;
    if (event.kind === 'call') {
      played.calls.push(event.words);
      output = run?.(event.words, event.stdin) ?? textCommand(event.words, event.stdin) ?? success('');
    } else if (event.kind === 'write') played[event.stream] += event.text;
    else if (event.kind === 'file') played.files[event.path] = event.text;
    else {
      played.refused.push(event.reason);
      output = failure(127, '');
    }
    next = shell.next(output);
  }
  return { ...played, exitCode: next.value };
}

describe('the dialect of Run Command', () => {
  const plain = (script: string, run?: (words: string[]) => Output | undefined): Played =>
    play(script, { full: false }, run);

  it.each<[string, string[][]]>([
    ['echo a b', [['echo', 'a', 'b']]],
    [
      'echo a; echo b\n\necho c',
      [
        ['echo', 'a'],
        ['echo', 'b'],
        ['echo', 'c'],
      ],
    ],
    [`docker ps --format '{{.Names}}\\t{{.Ports}}'`, [['docker', 'ps', '--format', '{{.Names}}\\t{{.Ports}}']]],
    ['echo "a \\"b\\"" c\\ d', [['echo', 'a "b"', 'c d']]],
    ['echo a # b\n# c', [['echo', 'a']]],
    ['curl \\\n -s x', [['curl', '-s', 'x']]],
    ["echo ''", [['echo', '']]],
    ['', []],
  ])('reads %o', (script, expected) => {
    const { calls, refused } = plain(script);
    expect(calls).toEqual(expected);
    expect(refused).toEqual([]);
  });

  it('joins steps with && and ||, and knows redirections into the void', () => {
    const fails = (words: string[]): Output | undefined =>
      words[0] === 'b' ? failure(1, 'no b\n') : { stdout: `${words[0]}\n`, stderr: 'aside\n', exitCode: 0 };
    expect(plain('a 2>/dev/null && b 2>&1 || c > /dev/null', fails)).toMatchObject({
      calls: [['a'], ['b'], ['c']],
      stdout: 'a\nno b\n',
      stderr: 'aside\n',
      exitCode: 0,
    });
    expect(plain('b && c; d', fails).calls).toEqual([['b'], ['d']]);
    expect(plain('a || c', fails).calls).toEqual([['a']]);
  });

  it.each([
    'a | b',
    'a $(b)',
    'a `b`',
    'echo $HOME',
    'echo "$(id)"',
    'a > /etc/passwd',
    'a < b',
    '(a)',
    'a &',
    "echo 'a",
    'a 2>/tmp/x',
  ])('refuses %s', (script) => {
    const { calls, refused } = plain(script);
    expect(refused).toHaveLength(1);
    expect(calls).toEqual([]);
  });

  it('ends at exit, and with set -e at what fails', () => {
    expect(plain('exit 3; a')).toMatchObject({ calls: [], exitCode: 3 });
    const fails = (words: string[]): Output | undefined => (words[0] === 'b' ? failure(4, '') : undefined);
    expect(plain('set -e\nb || a\nb\na', fails)).toMatchObject({ calls: [['b'], ['a'], ['b']], exitCode: 4 });
  });
});

describe('the dialect of containers', () => {
  const full: Dialect = {
    full: true,
    environment: { PORT: '8080', NAME: 'a b', EMPTY: '' },
    files: ['hi.rb', '/app/hi.rb'],
  };

  it.each<[string, string]>([
    ['echo $PORT "${NAME}" \'$PORT\'', '8080 a b $PORT\n'],
    ['echo ${MISSING:-none} ${EMPTY:-empty} ${EMPTY-} ${PORT:+set} $MISSING.', 'none empty set .\n'],
    ['printf "a\\nb\\n" | grep -v a | wc -l', '1\n'],
    ['echo "$(echo one; echo two)" `echo three`', 'one\ntwo three\n'],
    ['if [ -f hi.rb ]; then echo there; elif true; then echo no; fi', 'there\n'],
    ['if test ! -f hi.rb; then echo no; else echo yes; fi', 'yes\n'],
    ['for x in a $NAME "$NAME"; do echo -n "<$x>"; done', '<a><a><b><a b>'],
    ['[ "$PORT" -gt 80 ] && echo high; ! false && echo negated', 'high\nnegated\n'],
    ['[ constructor x ] || echo $?; [ a constructor b ] || echo $?', '2\n2\n'],
    ['X=1; echo $X; (echo in) 2>&1; { echo braces; }; echo $?', '1\nin\nbraces\n0\n'],
    ['echo *.rb /app/*.rb *.py', 'hi.rb /app/hi.rb *.py\n'],
    ['f() { echo "in $PORT"; }; f; f | grep -c in', 'in 8080\n1\n'],
    ['case $PORT in 80) echo no;; 8*|9*) echo yes;; *) echo other;; esac', 'yes\n'],
    ['[[ -n $PORT && $PORT == 80* && ! -f none ]] && echo yes; [[ $PORT != 8080 ]] || echo no', 'yes\nno\n'],
    [
      'cat <<EOF\nport $PORT\nEOF\ncat <<-\'EOF\'\n\tport $PORT\n\tEOF\ncat <<< "$NAME"',
      'port 8080\nport $PORT\na b\n',
    ],
    ['export X=1 && echo $X; X+=2; echo $X; LANG=C echo done', '1\n12\ndone\n'],
  ])('plays %s', (script, expected) => {
    expect(play(script, full)).toMatchObject({ stdout: expected, refused: [] });
  });

  it('writes files, which are then there', () => {
    expect(play('echo 42 > index.html; test -f index.html', full)).toMatchObject({
      files: { 'index.html': '42\n' },
      exitCode: 0,
      stdout: '',
    });
  });

  it('ends with what it executes in its place', () => {
    expect(play('exec web -p $PORT; echo never', full).calls).toEqual([['web', '-p', '8080']]);
  });

  it.each([
    'while true; do date; done',
    'f() { f; }; f',
    'a < /etc/passwd',
    'a & b',
    'echo ${NAME%x}',
    'echo $((1+1))',
  ])('refuses %s', (script) => {
    expect(play(script, full).refused).toHaveLength(1);
  });

  it('bounds loops in loops and text that doubles', () => {
    const words = Array.from({ length: 200 }, (_, index) => index).join(' ');
    const nested = `for a in ${words}; do for b in ${words}; do for c in ${words}; do echo $c; done; done; done`;
    const { calls, refused } = play(nested, full, () => success(''));
    expect(calls).toHaveLength(10_000);
    expect(refused).toHaveLength(1);
    expect(play(`X=xxxx; for a in ${words}; do X=$X$X; done`, full).refused).not.toEqual([]);
  });
});
