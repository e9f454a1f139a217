// `ecsdemo completion SHELL`: the script that a shell reads once. It calls the program back for each word, with
// ECSDEMO_COMPLETE naming the shell.
import * as Args from '@oclif/core/args';
import { oneOf } from '../base/flag-values.ts';
import { EcsdemoError } from '../base/errors.ts';
import { readTemplate } from '../base/package-root.ts';
import type { Settings } from '../base/settings.ts';
import { EcsdemoCommand, type Ending } from './ecsdemo-command.ts';
import { outputFlags } from './flags.ts';
import { shells } from './shells.ts';

export class Completion extends EcsdemoCommand {
  static override summary = 'Print the script that completes ecsdemo commands in bash, zsh or fish';
  static override examples = [
    { description: 'In ~/.bashrc', command: 'eval "$(ecsdemo completion bash)"' },
    { description: 'In ~/.zshrc, after compinit', command: 'eval "$(ecsdemo completion zsh)"' },
    { description: 'In fish', command: 'ecsdemo completion fish > ~/.config/fish/completions/ecsdemo.fish' },
  ];
  static override args = { shell: Args.string({ description: 'bash, zsh or fish' }) };
  static override flags = { ...outputFlags };

  protected override readonly onlyReads = true;

  protected override async act(_settings: Settings): Promise<Ending> {
    const { args } = await this.parse(Completion);
    if (args.shell === undefined) {
      throw new EcsdemoError('usage', `completion needs the name of a shell: ${shells.join(', ')}`, {
        suggestions: shells.map((shell) => ({ command: 'completion', args: [shell] })),
      });
    }
    const shell = oneOf(shells, 'a shell that ecsdemo knows')(args.shell, 'completion');
    const script = readTemplate(`completion/ecsdemo.${shell}`);
    return {
      data: { shell, script },
      show({ out }) {
        for (const line of script.trimEnd().split('\n')) out(line);
      },
    };
  }
}
