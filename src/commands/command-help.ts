// Help for one command: oclif's, with our order of sections, examples first. Loaded when it is asked for.
import type { Command, Interfaces } from '@oclif/core';
import { CommandHelp, Help } from '@oclif/core/help';
import { entry, wrap } from '../ui/format.ts';
import { exitCodeLines, helpWidth } from './help.ts';
import type { CommandClass } from './table.ts';
import { unloadedConfig } from './unloaded-config.ts';
import { spoken } from './usage.ts';

/** What it does above, the command below, as it is pasted. */
function exampleLines(examples: readonly Command.Example[]): string[] {
  return examples.flatMap((example) =>
    typeof example === 'string'
      ? [`$ ${example}`]
      : [...wrap(`# ${example.description}`, helpWidth() - 2, '# '), `$ ${example.command}`],
  );
}

/** 'sandbox fault [NAME] [FLAGS]' */
function usageLine({ id, args }: { id: string; args: Command.Loadable['args'] }): string {
  const named = Object.keys(args).map((name) => `[${name.toUpperCase()}]`);
  return ['$ ecsdemo', spoken(id), ...named, '[FLAGS]'].join(' ');
}

/** '-n, --dry-run', '    --name=NAME'; oclif's own list begins its first line elsewhere than the others. */
function flagLines(flags: readonly Command.Flag.Any[]): string {
  const keys = flags.map(({ name, char, ...flag }) => {
    const value = flag.type === 'option' ? `=${flag.helpValue?.toString() ?? name.toUpperCase()}` : '';
    return `${char === undefined ? '   ' : `-${char},`} --${name}${value}`;
  });
  const column = Math.max(...keys.map((key) => key.length)) + 2;
  const width = helpWidth() - 2;
  return flags
    .flatMap(({ description = '' }, index) => entry(keys[index] ?? '', description, column, width))
    .join('\n');
}

class ExamplesFirst extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const order = ['EXAMPLES', 'USAGE', 'ARGUMENTS', 'FLAGS'];
    const sections = super.sections().filter((section) => section.header === 'ARGUMENTS');
    sections.push({
      header: 'FLAGS',
      generate({ flags }) {
        const groups = [...new Set(flags.map(({ helpGroup }) => helpGroup))];
        return groups.map((group) => ({
          header: group === undefined ? 'FLAGS' : `${group} FLAGS`,
          body: flagLines(flags.filter(({ helpGroup }) => helpGroup === group)),
        }));
      },
    });
    sections.push({ header: 'USAGE', generate: ({ cmd }) => usageLine(cmd) });
    sections.push({ header: 'EXAMPLES', generate: ({ cmd }) => exampleLines(cmd.examples ?? []).join('\n') });
    sections.sort((one, other) => order.indexOf(one.header) - order.indexOf(other.header));
    return [
      ...sections,
      {
        header: 'ENVIRONMENT',
        generate: () =>
          [
            'Every flag --some-flag can also be given as ECSDEMO_SOME_FLAG; a flag wins.',
            'ECSDEMO_SANDBOX_DIR says where the sandbox keeps its state.',
          ]
            .flatMap((line) => wrap(line, helpWidth() - 2))
            .join('\n'),
      },
      { header: 'EXIT CODES', generate: () => exitCodeLines(helpWidth() - 2).join('\n') },
      { header: 'ERROR CODES', generate: () => 'ecsdemo help errors' },
    ];
  }
}

/** oclif's help with our order of sections. */
export class EcsdemoHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst;

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, { ...options, maxWidth: helpWidth(), flagSortOrder: 'none', docopts: false, usageHeader: 'USAGE' });
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    this.log(`${wrap(command.summary ?? '', helpWidth()).join('\n')}\n`);
    this.log(this.formatCommand(command));
  }
}

/** oclif names flags and arguments when it loads a command itself. */
function named<Input extends object>(
  inputs: Readonly<Record<string, Input>>,
): Record<string, Input & { name: string }> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, { ...input, name }]));
}

/** Writes the help of a command. `id`: oclif's, 'sandbox:start'. */
export async function showCommandHelp(id: string, command: CommandClass): Promise<void> {
  const { summary, examples, flags, args } = command;
  await new EcsdemoHelp(unloadedConfig()).showCommandHelp({
    id,
    summary,
    examples,
    flags: named(flags),
    args: named(args),
    aliases: [],
    hiddenAliases: [],
    hidden: false,
    load: () => Promise.reject(new Error('help needs no more of a command than this')),
  });
}
