// `ecsdemo sandbox image add NAME`: an image of one's own, played by a stand-in.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EcsdemoError } from '../../base/errors.ts';
import { oneOf } from '../../base/flag-values.ts';
import { present } from '../../base/present.ts';
import { valueOf, type Settings } from '../../base/settings.ts';
import { addImage, registeredLikes } from '../../sandbox/control.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { runningSandbox } from './running.ts';

export class SandboxImageAdd extends EcsdemoCommand {
  static override summary = 'Register an image that a stand-in plays, so that its deployment can be tried';
  static override examples = [
    { description: 'A new version to deploy', command: 'ecsdemo sandbox image add own/app:v2 --answer "version 2"' },
    {
      description: 'A new tag of the tutorial',
      command: 'ecsdemo sandbox image add tongueroo/sinatra:mine --like sinatra',
    },
  ];
  static override args = {
    name: Args.string({ description: 'Name of the image; without a tag it stands for all of them' }),
  };
  static override flags = {
    like: Flags.string({ description: 'What plays it: nginx or sinatra [default: nginx]', helpValue: 'NAME' }),
    answer: Flags.string({ description: "What it answers in place of the stand-in's own", helpValue: 'TEXT' }),
    ...outputFlags,
  };

  protected override async act(_settings: Settings): Promise<Ending> {
    const { args, flags } = await this.parse(SandboxImageAdd);
    const { name } = args;
    if (name === undefined) {
      throw new EcsdemoError('usage', 'sandbox image add needs the name of an image', {
        suggestions: [{ command: 'sandbox image add', args: ['own/app:v2'] }],
      });
    }
    const like = valueOf(flags, process.env, 'like', oneOf(registeredLikes, 'an image that can play others'));
    const image = await addImage(await runningSandbox(), present({ name, like, answer: flags.answer }));
    return {
      data: { image },
      show({ talk }) {
        const answer = image.answer === undefined ? '' : `, and answers ${JSON.stringify(image.answer)}`;
        talk(`${image.name} runs as ${image.like} does${answer}`);
      },
    };
  }
}
