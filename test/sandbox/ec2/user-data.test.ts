import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { parseUserData } from '../../../src/sandbox/ec2/user-data.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');

it.each<[string, string, Record<string, string>]>([
  ['echo', '#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n', { ECS_CLUSTER: 'my-cluster' }],
  ['quotes', `#!/bin/bash\necho "ECS_CLUSTER=my-cluster" >> "/etc/ecs/ecs.config"`, { ECS_CLUSTER: 'my-cluster' }],
  [
    'json in quotes',
    `#!/bin/bash\necho 'ECS_CONTAINER_INSTANCE_TAGS={"a": "b"}' >> /etc/ecs/ecs.config`,
    { ECS_CONTAINER_INSTANCE_TAGS: '{"a": "b"}' },
  ],
  [
    'here-document',
    "#!/bin/bash\ncat <<'EOF' >> /etc/ecs/ecs.config\nECS_CLUSTER=c\n# a comment\nECS_LOGLEVEL=debug\nEOF\necho done",
    { ECS_CLUSTER: 'c', ECS_LOGLEVEL: 'debug' },
  ],
  [
    'here-document, other order',
    '#!/bin/bash\ncat >> /etc/ecs/ecs.config <<END\nECS_CLUSTER=c\nEND',
    { ECS_CLUSTER: 'c' },
  ],
  ['tee', '#!/bin/bash\necho ECS_CLUSTER=c | tee -a /etc/ecs/ecs.config', { ECS_CLUSTER: 'c' }],
  [
    'a later line wins',
    '#!/bin/bash\necho ECS_CLUSTER=a >> /etc/ecs/ecs.config\necho ECS_CLUSTER=b >> /etc/ecs/ecs.config',
    { ECS_CLUSTER: 'b' },
  ],
  [
    'two on a line',
    '#!/bin/bash\necho A=1 >> /etc/ecs/ecs.config; echo B=2 >> /etc/ecs/ecs.config',
    { A: '1', B: '2' },
  ],
  ['line ends of Windows', '#!/bin/bash\r\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\r\n', { ECS_CLUSTER: 'c' }],
  ['another file', '#!/bin/bash\necho ECS_CLUSTER=c >> /etc/other', {}],
  ['a comment', '#!/bin/bash\n# echo ECS_CLUSTER=c >> /etc/ecs/ecs.config', {}],
  [
    'a MIME archive',
    'Content-Type: multipart/mixed; boundary="==B=="\nMIME-Version: 1.0\n\n--==B==\nContent-Type: text/cloud-config; charset="us-ascii"\n\n#cloud-config\nruncmd:\n  - echo C=3 >> /etc/ecs/ecs.config\n\n--==B==\nContent-Type: text/x-shellscript; charset="us-ascii"\n\n#!/bin/bash\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\n--==B==--\n',
    { ECS_CLUSTER: 'c', C: '3' },
  ],
  [
    'a part in base64',
    `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n${encode('#!/bin/sh\necho ECS_CLUSTER=c > /etc/ecs/ecs.config\n')}\n--b--\n`,
    { ECS_CLUSTER: 'c' },
  ],
  [
    'write_files of a cloud-config',
    '#cloud-config\nwrite_files:\n  - path: /etc/ecs/ecs.config\n    content: |\n      ECS_CLUSTER=c\n      A="b c"\n',
    { ECS_CLUSTER: 'c', A: 'b c' },
  ],
  [
    'write_files, appended in base64',
    `#cloud-config\nwrite_files:\n- {path: /etc/ecs/ecs.config, content: A=1\\n}\n- path: /etc/ecs/ecs.config\n  append: true\n  encoding: b64\n  content: ${encode('\nB=2\n')}\n`,
    { A: '1\\n', B: '2' },
  ],
  [
    'runcmd, as lines and as words',
    '#cloud-config\nruncmd:\n  - echo ECS_CLUSTER=c >> /etc/ecs/ecs.config\n  - [sh, -c, "echo A=1 >> /etc/ecs/ecs.config"]\n',
    { ECS_CLUSTER: 'c', A: '1' },
  ],
  [
    'a boothook',
    "#cloud-boothook\n#!/bin/bash\ncloud-init-per once cfg echo 'ECS_CLUSTER=c' >> /etc/ecs/ecs.config\n",
    { ECS_CLUSTER: 'c' },
  ],
  [
    'sed and tee',
    `#!/bin/bash\nmkdir -p /etc/ecs && touch /etc/ecs/ecs.config\necho ECS_CLUSTER=old > /etc/ecs/ecs.config\nsed -i '/ECS_CLUSTER/d' /etc/ecs/ecs.config\necho -e "ECS_CLUSTER=c\\nECS_LOGLEVEL=debug" | tee -a /etc/ecs/ecs.config\n`,
    { ECS_CLUSTER: 'c', ECS_LOGLEVEL: 'debug' },
  ],
  [
    'sed that replaces',
    `#!/bin/bash\necho ECS_CLUSTER=@name@ > /etc/ecs/ecs.config\nsudo sed -i "s/@name@/c/" /etc/ecs/ecs.config\n`,
    { ECS_CLUSTER: 'c' },
  ],
  [
    'a file name in a variable',
    '#!/bin/bash\nECS_CONFIG=/etc/ecs/ecs.config\necho "ECS_CLUSTER=c" >> $ECS_CONFIG\n',
    { ECS_CLUSTER: 'c' },
  ],
  ['an unset variable', '#!/bin/bash\necho ECS_CLUSTER=$NAME >> /etc/ecs/ecs.config\n', { ECS_CLUSTER: '' }],
  ['a default', '#!/bin/bash\necho ECS_CLUSTER=${NAME:-c} >> /etc/ecs/ecs.config\n', { ECS_CLUSTER: 'c' }],
  [
    'a here-document with a variable, in a group',
    '#!/bin/bash\nNAME=c\n{\ncat <<EOF\nECS_CLUSTER=$NAME\nA=\\$NAME\nEOF\n} >> /etc/ecs/ecs.config\n',
    { ECS_CLUSTER: 'c', A: '$NAME' },
  ],
  [
    'functions, conditions and loops',
    '#!/bin/bash -xe\nexec > >(tee /var/log/user-data.log) 2>&1\nadd() {\n  for i in A B; do echo $i=1 >> /etc/ecs/ecs.config; done\n}\nif [ -f /etc/ecs/ecs.config ] && [[ -z "$X" ]]; then add; else echo N=1 >> /etc/ecs/ecs.config; fi\n',
    { A: '1', B: '1' },
  ],
  ['what comes after exit', '#!/bin/bash\nexit 0\necho A=1 >> /etc/ecs/ecs.config\n', {}],
  [
    'a name that objects have',
    '#!/bin/bash\necho __proto__=1 >> /etc/ecs/ecs.config\n',
    JSON.parse('{"__proto__":"1"}'),
  ],
])('reads %s', (_, script, ecsConfig) => {
  const parsed = parseUserData(encode(script));
  expect(Object.entries(parsed.ecsConfig)).toEqual(Object.entries(ecsConfig));
  expect(parsed).toMatchObject({ deadlocks: false, unplayed: [] });
});

// cloud-init: the first line decides, to the letter.
it.each<[string, string]>([
  ['no script', 'ECS_CLUSTER=c'],
  ['an indented script', '  #!/bin/bash\n  echo ECS_CLUSTER=c >> /etc/ecs/ecs.config\n'],
  ['a script after an empty line', '\n#!/bin/bash\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\n'],
])('takes %s for nothing, as cloud-init does, and says so', (_, script) => {
  const { ecsConfig, unplayed } = parseUserData(encode(script));
  expect(ecsConfig).toEqual({});
  expect(unplayed).toEqual([expect.stringContaining('text that cloud-init does not recognise')]);
});

it.each<[string, string, string]>([
  ['a command', '#!/bin/bash\nyum install -y jq\n', 'yum install -y jq'],
  ['a substitution', '#!/bin/bash\necho A=$(curl -s http://x/) >> /etc/ecs/ecs.config', 'curl -s http://x/'],
  ['a module of cloud-config', '#cloud-config\npackages: [jq]\n', 'cloud-config packages'],
  [
    'another kind of part',
    '#include\nhttps://example.com/script\n',
    'text that cloud-init does not recognise: #include',
  ],
  ['text that is no kind', 'ECS_CLUSTER=c\n', 'text that cloud-init does not recognise: ECS_CLUSTER=c'],
  [
    'a loop that waits',
    '#!/bin/bash\nuntil curl -s localhost; do sleep 1; done\n',
    'until curl -s localhost; do sleep 1; done',
  ],
])('says that it does not play %s', (_, script, what) => {
  expect(parseUserData(encode(script)).unplayed).toContain(what);
});

it('unpacks gzip, and says so when it cannot', () => {
  const script = '#!/bin/bash\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\n';
  expect(parseUserData(gzipSync(script).toString('base64')).ecsConfig).toEqual({ ECS_CLUSTER: 'c' });
  expect(parseUserData(Buffer.from([0x1f, 0x8b, 1, 2]).toString('base64')).unplayed).toEqual([
    'the user data is gzip that cannot be unpacked',
  ]);
});

it('comes to an end with whatever it is given', () => {
  const doubling = `#!/bin/bash\nA=xxxxxxxxxxxxxxxx\n${'A=$A$A\n'.repeat(60)}echo $A > /etc/ecs/ecs.config\n`;
  const calling = '#!/bin/bash\nf() { f; f; }\nf\n';
  const starting = `#!/bin/bash\nfor i in ${'x '.repeat(4000)}; do bash -c 'for i in ${'x '.repeat(2000)}; do true; done'; done\n`;
  for (const script of [doubling, calling, starting]) expect(parseUserData(encode(script)).deadlocks).toBe(false);
});

it.each<[string, boolean]>([
  ['systemctl start ecs', true],
  ['systemctl restart ecs.service', true],
  ['sudo systemctl enable --now ecs', true],
  ['systemctl restart docker', true],
  ['start ecs', true],
  ['service docker start', true],
  ['systemctl start --no-block ecs', false],
  ['systemctl enable ecs', false],
  ['systemctl stop ecs', false],
  ['# systemctl start ecs', false],
  ['echo start of ecs', false],
])('%s deadlocks: %s', (line, deadlocks) => {
  expect(parseUserData(encode(`#!/bin/bash\n${line}\n`)).deadlocks).toBe(deadlocks);
});

it('takes no user data as none', () => {
  expect(parseUserData(undefined)).toEqual({ ecsConfig: {}, deadlocks: false, unplayed: [] });
});
