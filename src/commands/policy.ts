// `ecsdemo policy`: the least IAM policy for commands. Thin: which calls they make the chapter knows, what those take
// aws/grants.ts. Makes no call.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { oneOf, refuse, shaped } from '../base/flag-values.ts';
import { EcsdemoError } from '../base/errors.ts';
import { quoted } from '../base/quoted.ts';
import { nearest } from '../base/nearest.ts';
import { valueOf, type Settings } from '../base/settings.ts';
import type { PolicyCommand } from '../actions/policy.ts';
import { ChapterCommand, type Told } from './chapter-command.ts';
import type { Ending } from './ecsdemo-command.ts';
import { adopt, onInstance, outputFlags, targetFlags } from './flags.ts';

const { name, region, account } = targetFlags;
const repository = shaped(
  /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[\w.-]{1,100}(@[\w./-]{1,200})?$/,
  'a repository',
  'octo-org/octo-repo, or octo-org/octo-repo@main for one branch',
);

export class Policy extends ChapterCommand {
  static override told: Told = {
    verb: 'policy',
    summary: () => 'Print the least IAM policy for these commands, or for all but sweep',
    examples: [
      ['For a demo of one account and region', { region: 'us-east-1', account: '123456789012' }],
      ['For every demo whose name starts so', { 'name-prefix': 'ci-' }],
      [
        "With the role that a GitHub repository's jobs take",
        { account: '123456789012', principal: 'github', repo: 'octo-org/octo-repo', format: 'terraform' },
      ],
    ],
    flags: () => ({
      name,
      'name-prefix': Flags.string({ description: 'For all demos whose name starts so', helpValue: 'ci-' }),
      region,
      account: { ...account, description: 'In this account alone' },
      ...onInstance,
      ...adopt,
      format: Flags.string({ description: 'json or terraform [default: json]', helpValue: 'FORMAT' }),
      principal: Flags.string({ description: 'github: also the trust policy for its jobs', helpValue: 'github' }),
      repo: Flags.string({
        description: 'Whose jobs, by --principal; @branch for one branch',
        helpValue: 'OWNER/NAME',
      }),
      ...outputFlags,
    }),
  };

  static override strict = false;
  static override args = {
    commands: Args.string({
      description: 'up, verify, scale, destroy, status, smoke, doctor or sweep, as many as you like',
    }),
  };

  protected override readonly onlyReads = true;

  protected override async act(asked: Settings): Promise<Ending> {
    const { argv, flags } = await this.parse(this.ctor as typeof Policy);
    const format = valueOf(flags, process.env, 'format', oneOf(['json', 'terraform'], 'a format')) ?? 'json';
    const principal = valueOf(flags, process.env, 'principal', oneOf(['github'], 'a principal'));
    const repo = valueOf(flags, process.env, 'repo', repository);
    if (flags['name'] !== undefined && flags['name-prefix'] !== undefined)
      refuse('--name', String(flags['name']), 'cannot go with --name-prefix: one demo, or all whose names start so');
    if (principal === undefined && repo !== undefined)
      refuse('--repo', repo, 'needs --principal github', { flags: { principal: 'github' } });
    const [{ policyCommands, leastPolicy, githubTrust }, chapter] = await Promise.all([
      import('../actions/policy.ts'),
      this.entry.load(),
    ]);
    const commands =
      argv.length === 0
        ? policyCommands.filter((each) => each !== 'sweep')
        : commandsIn(argv.map(String), policyCommands);
    const trustPolicy =
      principal === undefined ? null : githubTrust({ repo, account: asked.account, region: asked.region });
    const {
      document: policy,
      characters,
      brief,
    } = leastPolicy(chapter, {
      commands,
      demo: asked.namePrefix === undefined ? { name: asked.demo } : { prefix: asked.namePrefix },
      region: asked.region,
      account: asked.account,
      onInstance: asked.onInstance,
      adopt: asked.adopt,
    });
    const data = { commands, policy, trustPolicy, characters, brief };
    const { policyJson, policyTerraform } = await import('../ui/policy.ts');
    const warnings = brief
      ? [
          "with every name it would be too long: where the demo's tag is a condition anyway, names and region are left out",
        ]
      : [];
    const words = asked.namePrefix ?? asked.demo;
    return {
      data,
      warnings,
      show(view) {
        view.out(format === 'json' ? policyJson(data) : policyTerraform(data, `ecsdemo-${words.replace(/-$/, '')}`));
        view.talk(`for ${commands.join(', ')}: ${characters} of the 6144 characters of a managed policy`);
        for (const warning of warnings) view.talk(`! ${warning}`);
      },
    };
  }
}

/** What `smoke` runs. */
const smoke = ['up', 'verify', 'scale', 'destroy'];

/** @throws EcsdemoError `usage` for a word that is no command, or none that calls AWS */
function commandsIn(words: readonly string[], known: readonly PolicyCommand[]): PolicyCommand[] {
  const all = words.flatMap((word) => (word === 'smoke' ? smoke : word));
  return [...new Set(all)].map((word) => {
    const found = known.find((each) => each === word);
    if (found !== undefined) return found;
    const meant = nearest(word.toLowerCase(), [...known, 'smoke']);
    throw new EcsdemoError(
      'usage',
      `${quoted(word)} is no command that needs a policy${meant === undefined ? '' : `; did you mean "${meant}"?`} (${[...known, 'smoke'].join(', ')})`,
      { suggestions: [{ command: 'policy', args: [meant ?? 'up'] }] },
    );
  });
}
