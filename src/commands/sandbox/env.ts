// `eval "$(ecsdemo sandbox env)"`: points the AWS CLI and every SDK at the sandbox.
import type { Settings } from '../../base/settings.ts';
import { EcsdemoCommand, type Ending } from '../ecsdemo-command.ts';
import { outputFlags } from '../flags.ts';
import { runningSandbox } from './running.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export class SandboxEnv extends EcsdemoCommand {
  static override summary = 'Print the environment variables that point the AWS CLI and every SDK at the sandbox';
  static override examples = ['eval "$(ecsdemo sandbox env)"'];
  static override flags = { ...outputFlags };

  protected override async act(_settings: Settings): Promise<Ending> {
    const { endpoint, credentials, region } = await runningSandbox();
    const variables = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    };
    return {
      data: { variables },
      show({ out }) {
        // A profile would win over the keys, and a session token of real credentials would spoil the signature.
        out('unset AWS_PROFILE AWS_SESSION_TOKEN');
        for (const [name, value] of Object.entries(variables)) out(`export ${name}=${quoted(value)}`);
      },
    };
  }
}
