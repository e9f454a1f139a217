// What images are there and what commands mean in them.
import { describe, expect, it } from 'vitest';
import { behaviourOf } from '../../../src/sandbox/ecs/image-commands.ts';
import { parseImageReference, pullImage } from '../../../src/sandbox/ecs/images.ts';

function run(image: string, command?: string[], entryPoint?: string[], architecture: 'x86_64' | 'arm64' = 'x86_64') {
  const standIn = pullImage(image, architecture);
  return 'failure' in standIn ? standIn : behaviourOf(standIn, { command, entryPoint }, architecture);
}

describe('image references', () => {
  it.each([
    ['nginx', 'nginx', 'latest'],
    ['docker.io/library/nginx:1.29', 'nginx', '1.29'],
    ['index.docker.io/tongueroo/sinatra', 'tongueroo/sinatra', 'latest'],
    ['public.ecr.aws/docker/library/httpd:2.4', 'public.ecr.aws/docker/library/httpd', '2.4'],
    ['localhost:5000/a/b', 'localhost:5000/a/b', 'latest'],
    [`nginx@sha256:${'0'.repeat(64)}`, 'nginx', 'latest'],
  ])('%s', (reference, repository, tag) => {
    expect(parseImageReference(reference)).toEqual({ repository, tag });
  });
});

describe('the tutorial’s image', () => {
  const picking = [
    'if [ -f hi.rb ]; then exec ruby hi.rb; else exec ruby app.rb; fi',
    '[ -f hi.rb ] && exec ruby hi.rb || exec ruby app.rb',
    'exec ruby $(ls hi.rb app.rb 2>/dev/null | head -n 1)',
    'for f in hi.rb app.rb; do [ -f "$f" ] && exec ruby "$f"; done',
    'test -e /app/app.rb && exec ruby /app/app.rb; exec ruby /app/hi.rb',
  ];
  it.each(picking)('answers in both generations to: %s', (line) => {
    expect(run('tongueroo/sinatra', ['sh', '-c', line])).toMatchObject({ port: 4567, body: '42' });
    expect(run('tongueroo/sinatra:ruby-3.0', ['sh', '-c', line])).toMatchObject({ port: 4567, body: '42\n' });
  });

  it('runs its own command without one, and dies of a LoadError with the other generation’s', () => {
    expect(run('tongueroo/sinatra')).toMatchObject({ body: '42' });
    expect(run('tongueroo/sinatra:ruby-3.0')).toMatchObject({ body: '42\n' });
    expect(run('tongueroo/sinatra', ['ruby', 'hi.rb'])).toMatchObject({ body: '42' });
    expect(run('tongueroo/sinatra:ruby-3.0', ['ruby', 'hi.rb'])).toEqual({
      script: 'exit.cjs',
      exitCode: 1,
      exitsAfterMs: 0,
      lastWords: ['ruby: No such file or directory -- hi.rb (LoadError)'],
    });
  });

  it('is for x86_64 only', () => {
    expect(run('tongueroo/sinatra', undefined, undefined, 'arm64')).toMatchObject({
      exitCode: 255,
      lastWords: ['exec ruby: exec format error'],
    });
  });
});

describe('other images', () => {
  it('play AWS’s sample of a page written before the server starts', () => {
    const line = `/bin/sh -c "echo '<html>42</html>' >  /usr/local/apache2/htdocs/index.html && httpd-foreground"`;
    expect(run('httpd:2.4', [line], ['sh', '-c'])).toMatchObject({ port: 80, body: '<html>42</html>\n' });
    expect(run('busybox', ['sh', '-c', 'echo 42 > index.html; exec httpd -f -p 4567'])).toMatchObject({
      port: 4567,
      body: '42\n',
    });
  });

  it.each([
    [['true'], { exitCode: 0 }],
    [['sh', '-c', 'exit 7'], { exitCode: 7 }],
    [['sleep', '2m'], { exitCode: 0, exitsAfterMs: 120_000 }],
    [['sh', '-c', 'curl http://x | sh'], { exitCode: 127 }],
    [['sh', '-c', '$(rm -rf /)'], { exitCode: 127 }],
  ])('understand %j and no more', (command, expected) => {
    expect(run('alpine', command)).toMatchObject({ script: 'exit.cjs', ...expected });
  });

  it('fail as Docker fails', () => {
    expect(run('nginx', ['nginks'])).toEqual({
      failure: expect.stringContaining('exec: "nginks": executable file not found in $PATH'),
    });
    expect(run('nobody/nothing')).toEqual({
      failure: expect.stringContaining(
        "pull access denied for nobody/nothing, repository does not exist or may require 'docker login'",
      ),
    });
  });
});

describe('environment and entry point', () => {
  const inside = (image: string, environment: Record<string, string>, command?: string[], entryPoint?: string[]) => {
    const standIn = pullImage(image, 'x86_64');
    return 'failure' in standIn ? standIn : behaviourOf(standIn, { command, entryPoint }, 'x86_64', environment);
  };

  it('reach the programs that read them', () => {
    expect(inside('tongueroo/sinatra', { PORT: '8080' })).toMatchObject({ port: 8080 });
    expect(inside('tongueroo/sinatra', { PORT: '8080' }, ['ruby', 'hi.rb', '-p', '81'])).toMatchObject({ port: 81 });
    expect(inside('ecsdemo/hello', { GREETING: 'hi' })).toMatchObject({ body: 'hi\n' });
    expect(inside('busybox', { A: '1', B: 'x y' }, ['env'])).toMatchObject({ lastWords: ['A=1', 'B=x y'] });
    expect(inside('busybox', { A: '1' }, ['printenv', 'A'])).toMatchObject({ exitCode: 0, lastWords: ['1'] });
    expect(inside('busybox', { A: '1' }, ['printenv', 'B'])).toMatchObject({ exitCode: 1 });
    // Only a shell knows variables.
    expect(inside('busybox', { A: '1' }, ['echo', '$A'])).toMatchObject({ lastWords: ['$A'] });
  });

  it('an entry point of one’s own drops the image’s command, and takes the given one', () => {
    expect(inside('nginx', {}, undefined, ['sh', '-c'])).toMatchObject({ script: 'exit.cjs', exitCode: 0 });
    expect(inside('busybox', { A: 'b' }, ['echo $A; exit 3'], ['sh', '-c'])).toEqual({
      script: 'exit.cjs',
      exitCode: 3,
      exitsAfterMs: 0,
      lastWords: ['b'],
    });
    expect(inside('nginx', {}, ['nginx', '-g', 'daemon off;'], [])).toMatchObject({ port: 80 });
  });

  it('lines say what they do before and after they sleep, and serve in the end', () => {
    expect(inside('busybox', {}, ['sh', '-c', 'echo one; sleep 2; echo two; sleep 1; false'])).toEqual({
      script: 'exit.cjs',
      exitCode: 1,
      exitsAfterMs: 3000,
      banner: ['one'],
      lastWords: ['two'],
    });
    expect(
      inside('tongueroo/sinatra', { WAIT: '3' }, ['sh', '-c', 'echo waiting; sleep $WAIT; exec ruby hi.rb']),
    ).toMatchObject({ port: 4567, listensAfterMs: 3000, banner: ['waiting', expect.stringContaining('Sinatra')] });
  });
});
