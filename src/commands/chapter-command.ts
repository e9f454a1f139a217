// A command about a chapter. The first chapter's are spoken as they are, `ecsdemo up`; those of the others have its id before
// them, `ecsdemo discovery up`, and come from the same classes: `commandsOf` in table.ts.
import type { Command } from '@oclif/core/command';
import { suggestionText, unknownInvocation, type SuggestedFlags } from '../base/suggestion.ts';
import { chapters } from '../chapters/all.ts';
import type { Entry, Outline } from '../chapters/chapter.ts';
import { EcsdemoCommand } from './ecsdemo-command.ts';

/** What a command is in every chapter; help is made from it. */
export interface Told {
  /** 'up' */
  verb: string;
  summary(outline: Outline): string;
  /** What each is good for, and its flags. */
  examples: readonly (readonly [description: string, flags: SuggestedFlags])[];
  flags(outline: Outline): Command.Class['flags'];
}

export abstract class ChapterCommand extends EcsdemoCommand {
  static entry: Entry = chapters[0];
  static told: Told;

  static override get summary(): string {
    return this.told.summary(this.entry.outline);
  }

  static override get flags(): Command.Class['flags'] {
    return this.told.flags(this.entry.outline);
  }

  static override get examples(): { description: string; command: string }[] {
    const command = [wordsOf(this.entry), this.told.verb].filter(Boolean).join(' ');
    return this.told.examples.map(([description, flags]) => ({
      description,
      command: suggestionText({ command, flags }, unknownInvocation),
    }));
  }

  protected get entry(): Entry {
    return (this.ctor as typeof ChapterCommand).entry;
  }

  protected override get within(): string | undefined {
    return wordsOf(this.entry);
  }
}

/** The words before a chapter's commands; none for the first chapter. */
function wordsOf({ outline }: Entry): string | undefined {
  return outline.id === chapters[0].outline.id ? undefined : outline.id;
}
