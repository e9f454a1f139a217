// `eval "$(ecsdemo sandbox env)"`: points the AWS CLI and every SDK at the sandbox.
import { misleading, noProxyWith } from '../../base/aws-environment.ts';
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
    const unset = misleading(process.env);
    return {
      data: { variables, unset },
      show({ out }) {
        out(`unset ${unset.join(' ')}`);
        for (const [name, value] of Object.entries(variables)) out(`export ${name}=${quoted(value)}`);
        const straight = noProxyWith(new URL(endpoint).hostname, process.env);
        if (straight !== undefined) out(`export NO_PROXY=${quoted(straight)} no_proxy=${quoted(straight)}`);
      },
    };
  }
}
