// Help for one command: oclif's, with our order of sections, examples first. Loaded when it is asked for.
import type { Command, Interfaces } from '@oclif/core';
import { CommandHelp, Help } from '@oclif/core/help';
import { wrap } from '../ui/format.ts';
import { columns, exitCodeLines } from './help.ts';
import type { CommandClass } from './table.ts';
import { unloadedConfig } from './unloaded-config.ts';
import { spoken } from './usage.ts';

/** What it does above, the command below, as it is pasted. */
function exampleLines(examples: readonly Command.Example[]): string[] {
  return examples.flatMap((example) =>
    typeof example === 'string' ? [`$ ${example}`] : [`# ${example.description}`, `$ ${example.command}`],
  );
}

/** 'sandbox fault [NAME] [FLAGS]' */
function usageLine({ id, args }: { id: string; args: Command.Loadable['args'] }): string {
  const named = Object.keys(args).map((name) => `[${name.toUpperCase()}]`);
  return ['$ ecsdemo', spoken(id), ...named, '[FLAGS]'].join(' ');
}

class ExamplesFirst extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const order = ['EXAMPLES', 'USAGE', 'ARGUMENTS', 'DESCRIPTION', 'FLAGS'];
    const sections = super
      .sections()
      .filter((section) => order.includes(section.header) && !['EXAMPLES', 'USAGE'].includes(section.header));
    sections.push({ header: 'USAGE', generate: ({ cmd }) => usageLine(cmd) });
    sections.push({ header: 'EXAMPLES', generate: ({ cmd }) => exampleLines(cmd.examples ?? []).join('\n') });
    sections.sort((one, other) => order.indexOf(one.header) - order.indexOf(other.header));
    return [
      ...sections,
      {
        header: 'ENVIRONMENT',
        generate: () =>
          'Every flag --some-flag can also be given as ECSDEMO_SOME_FLAG; a flag wins.\nECSDEMO_SANDBOX_DIR says where the sandbox keeps its state.',
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
    this.log(`${wrap(command.summary ?? '', columns).join('\n')}\n`);
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
