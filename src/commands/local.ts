// --local: finds the sandbox of this state directory or starts it, and turns it into the endpoint that the run is handed.
// The only place where the sandbox meets the rest; from here on nobody can tell it from AWS.
import { refuseBadEnvironment } from '../base/aws-environment.ts';
import { defaults, type Settings } from '../base/settings.ts';
import { findSandbox, sandboxDir, startDetached } from '../sandbox/control.ts';
import type { Session } from './ecsdemo-command.ts';
import { sandboxEntry } from '../base/package-root.ts';

/** Settings as they are without --local; with it, with the sandbox's endpoint, region and credentials in them. */
export async function connect(settings: Settings, session: Session): Promise<Settings> {
  if (!settings.local) {
    refuseBadEnvironment(process.env);
    return settings;
  }
  const dir = sandboxDir(process.env);
  let connection = await findSandbox(dir);
  if (connection === undefined) {
    session.say('starting the local sandbox …');
    connection = await startDetached({ dir, pace: settings.pace ?? defaults.pace, port: 0, entry: sandboxEntry() });
  }
  const { region, account, credentials, endpoint } = connection;
  session.identify({ name: settings.demo, target: 'local', region, account });
  return { ...settings, region, endpoint: { url: endpoint, region, credentials } };
}
