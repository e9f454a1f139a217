// From flags to a session of a chapter: with --local on the sandbox of this state directory, which is started when none runs,
// otherwise on AWS. The only place where the sandbox meets the rest; from here on nobody can tell it from AWS.
import type { Session } from '../actions/session.ts';
import { forgetAws, readAsAwsCli, refuseBadEnvironment } from '../base/aws-environment.ts';
import { sandboxEntry } from '../base/package-root.ts';
import { present } from '../base/present.ts';
import type { Settings } from '../base/settings.ts';
import type { Entry } from '../chapters/chapter.ts';
import { changePace, findSandbox, sandboxDir, startDetached, timesFaster } from '../sandbox/control.ts';
import type { Talk } from './ecsdemo-command.ts';

/** It is closed when the command ends. @throws EcsdemoError as `prepare` of the chapter, or what starting the sandbox can fail with */
export async function open(entry: Entry, asked: Settings, talk: Talk): Promise<Session> {
  const [settings, chapter, { openSession }] = await Promise.all([
    connect(asked, talk),
    entry.load(),
    import('../actions/session.ts'),
  ]);
  const session = openSession(chapter, settings, talk.report, talk.signal, talk.traced);
  talk.atEnd(() => session.close());
  return session;
}

/** Settings as they are without --local; with it, with the sandbox's endpoint, region and credentials in them. */
async function connect(settings: Settings, talk: Talk): Promise<Settings> {
  if (!settings.local) {
    refuseBadEnvironment(process.env);
    readAsAwsCli(process.env, settings.profile);
    return settings;
  }
  forgetAws(process.env);
  const dir = sandboxDir(process.env);
  let connection = await findSandbox(dir);
  if (connection === undefined) {
    talk.say('starting the local sandbox …');
    connection = await startDetached({ dir, port: 0, entry: sandboxEntry(), ...present({ pace: settings.pace }) });
  }
  const { region, account, credentials, endpoint } = connection;
  const pace = settings.pace ?? connection.pace;
  if (pace !== connection.pace) {
    const { before } = await changePace(connection, pace);
    talk.say(`the sandbox was running at pace ${before}`);
  }
  talk.identify({ name: settings.demo, target: 'local', region, account });
  const sandbox = connection;
  talk.atFailure(async (error) => (await import('./faults-on.ts')).blameFaults(error, sandbox));
  return { ...settings, region, endpoint: { url: endpoint, region, credentials }, pace, timeScale: timesFaster(pace) };
}
