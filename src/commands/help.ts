// Help: short without arguments, examples first for a command, exit and error codes printed from base/errors.ts.
import { CommandHelp, Help, type Command, type Interfaces } from '@oclif/core';
import { errorCodes, exitCodes, exitMeanings, type ExitName } from '../base/errors.ts';
import { commands } from './table.ts';
import { spoken } from './usage.ts';

/** One line per exit code, 0 first. */
export function exitCodeLines(): string[] {
  const names = Object.keys(exitCodes) as ExitName[];
  return ['0    done, and proven', ...names.map((name) => `${String(exitCodes[name]).padEnd(4)} ${exitMeanings[name]}`)];
}

/** One line per error code: the code that `error.code` carries under --json, its exit code, what it means. */
export function errorCodeLines(): string[] {
  const rows = Object.entries(errorCodes);
  const width = Math.max(...rows.map(([code]) => code.length));
  return rows.map(
    ([code, [exit, meaning]]) => `${code.padEnd(width)}  ${String(exitCodes[exit]).padEnd(3)}  ${meaning}`,
  );
}

/** What `ecsdemo` alone prints. */
export function shortHelp(): string {
  const groups: [string, string][] = Object.entries(commands).map(([id, command]) => [spoken(id), command.summary]);
  const width = Math.max(...groups.map(([id]) => id.length));
  return [
    'ecsdemo: the classic Amazon ECS tutorial in seven idempotent steps, on AWS or on this machine',
    '',
    '  ecsdemo up --local               make it here, without an AWS account',
    '  ecsdemo up --region us-east-1    make it on AWS',
    '',
    'COMMANDS',
    ...groups.map(([id, summary]) => `  ${id.padEnd(width)}  ${summary}`),
    '',
    'ecsdemo COMMAND --help says more; `ecsdemo help errors` lists every error code.',
  ].join('\n');
}

/** What it does above, the command below, as it is pasted. */
function exampleLines(examples: readonly Command.Example[]): string[] {
  return examples.flatMap((example) =>
    typeof example === 'string' ? [`$ ${example}`] : [`# ${example.description}`, `$ ${example.command}`],
  );
}

class ExamplesFirst extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const order = ['EXAMPLES', 'USAGE', 'ARGUMENTS', 'DESCRIPTION', 'FLAGS'];
    const sections = super
      .sections()
      .filter((section) => order.includes(section.header) && section.header !== 'EXAMPLES');
    sections.push({ header: 'EXAMPLES', generate: ({ cmd }) => exampleLines(cmd.examples ?? []).join('\n') });
    sections.sort((one, other) => order.indexOf(one.header) - order.indexOf(other.header));
    return [
      ...sections,
      {
        header: 'ENVIRONMENT',
        generate: () => 'Every flag --some-flag can also be given as ECSDEMO_SOME_FLAG; a flag wins.',
      },
      { header: 'EXIT CODES', generate: () => exitCodeLines().join('\n') },
      { header: 'ERROR CODES', generate: () => 'ecsdemo help errors' },
    ];
  }
}

/** oclif's help with our order of sections. */
export class EcsdemoHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst;

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, { ...options, flagSortOrder: 'none', docopts: false, usageHeader: 'USAGE' });
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    this.log(`${command.summary ?? ''}\n`);
    this.log(this.formatCommand(command));
  }
}
