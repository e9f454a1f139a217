// The container images of the sandbox: a table from reference to bundled stand-in, its default command and its platforms.
// What a given command does in an image is in image-commands.ts; nothing here starts anything.
export type Architecture = 'x86_64' | 'arm64';

export interface StandIn {
  /** Repository as normalised here. */
  repository: string;
  /** Which commands mean what inside: see image-commands.ts. */
  kind: 'sinatra-hi' | 'sinatra-app' | 'nginx' | 'httpd' | 'busybox' | 'teaching';
  /** Docker's ENTRYPOINT and CMD. */
  entryPoint: string[];
  command: string[];
  /** Programs beside its own that a health check may call. */
  tools: string[];
  /** What is in its working directory, by name and from the root. */
  files: string[];
  /** Ports of its EXPOSE line. */
  exposed: number[];
  architectures: Architecture[];
  /** What it answers in place of its own. */
  answer?: string;
  /** True when the registry has one manifest per platform: a missing one then fails the pull, not the start. */
  multiPlatform: boolean;
}

const both: Architecture[] = ['x86_64', 'arm64'];

function library(names: string[], rest: Omit<StandIn, 'repository' | 'architectures' | 'multiPlatform'>): StandIn[] {
  return names.map((repository) => ({ repository, architectures: both, multiPlatform: true, ...rest }));
}

/** The tags of tongueroo/sinatra that still have hi.rb; `ruby-3.0` is the generation after the rename to app.rb. */
const sinatraTags: Record<string, StandIn['kind']> = {
  latest: 'sinatra-hi',
  'ruby-2.5': 'sinatra-hi',
  'ruby-3.0': 'sinatra-app',
};

const sinatra: StandIn = {
  repository: 'tongueroo/sinatra',
  kind: 'sinatra-hi',
  entryPoint: [],
  command: ['ruby', 'hi.rb'],
  tools: ['curl', 'wget'],
  files: ['hi.rb', '/app/hi.rb'],
  exposed: [4567],
  // The author builds one platform per tag, as of 2021: see aws-facts §10.
  architectures: ['x86_64'],
  multiPlatform: false,
};

const standIns = new Map(
  [
    ...library(['nginx', 'public.ecr.aws/docker/library/nginx', 'public.ecr.aws/nginx/nginx'], {
      kind: 'nginx',
      entryPoint: ['/docker-entrypoint.sh'],
      command: ['nginx', '-g', 'daemon off;'],
      tools: ['curl'],
      files: ['/etc/nginx/nginx.conf', '/usr/share/nginx/html/index.html'],
      exposed: [80],
    }),
    ...library(['httpd', 'public.ecr.aws/docker/library/httpd'], {
      kind: 'httpd',
      entryPoint: [],
      command: ['httpd-foreground'],
      // As many found out who called curl here: it is not in the image.
      tools: [],
      files: ['/usr/local/apache2/htdocs/index.html'],
      exposed: [80],
    }),
    ...library(['busybox', 'alpine', 'public.ecr.aws/docker/library/busybox', 'public.ecr.aws/docker/library/alpine'], {
      kind: 'busybox',
      entryPoint: [],
      command: ['sh'],
      tools: ['wget', 'nc'],
      files: [],
      exposed: [],
    }),
    ...library(['ecsdemo/hello', 'ecsdemo/slow', 'ecsdemo/http-500', 'ecsdemo/crash', 'ecsdemo/crash-later'], {
      kind: 'teaching',
      entryPoint: [],
      command: ['start'],
      tools: ['curl', 'wget', 'nc'],
      files: [],
      exposed: [8080],
    }),
  ].map((standIn) => [standIn.repository, standIn]),
);

/** What there is instead of any other image; the first of those that several names have. */
const onlyStandIns = `the ecsdemo sandbox runs stand-ins only: ${[sinatra.repository, ...standIns.keys()]
  .filter((name) => !name.startsWith('public.ecr.aws/'))
  .join(', ')}`;

/** Repository and tag of an image reference; `docker.io/` and `library/` go, a digest counts as `latest`. */
export function parseImageReference(reference: string): { repository: string; tag: string } {
  const undigested = reference.replace(/@sha256:[0-9a-f]*$/, '');
  const colon = undigested.lastIndexOf(':');
  const tagged = colon > undigested.lastIndexOf('/');
  const name = tagged ? undigested.slice(0, colon) : undigested;
  const repository = name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  return { repository, tag: tagged ? undigested.slice(colon + 1) : 'latest' };
}

/** What Docker Hub answers to a host that pulls too much (aws-facts §10). */
export const pullLimited = {
  failure:
    'CannotPullContainerError: Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
};

/**
 * What a pull of the reference gives: the stand-in, or why Docker could not pull it, in the agent's words.
 * Any tag of a known repository exists, except for tongueroo/sinatra, whose tags differ in what is inside.
 */
export function pullImage(reference: string, architecture: Architecture): StandIn | { failure: string } {
  const { repository, tag } = parseImageReference(reference);
  if (repository === sinatra.repository) {
    const kind = Object.hasOwn(sinatraTags, tag) ? sinatraTags[tag] : undefined;
    if (tag === 'arm') return { ...sinatra, architectures: ['arm64'] };
    if (!kind) {
      return {
        failure: `CannotPullContainerError: Error response from daemon: manifest for ${repository}:${tag} not found: manifest unknown: manifest unknown`,
      };
    }
    if (kind !== 'sinatra-app') return sinatra;
    return { ...sinatra, kind, command: ['ruby', 'app.rb'], files: ['app.rb', '/app/app.rb'] };
  }
  const standIn = standIns.get(repository);
  if (!standIn) {
    return {
      failure: `CannotPullContainerError: Error response from daemon: pull access denied for ${repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied (${onlyStandIns})`,
    };
  }
  if (standIn.multiPlatform && !standIn.architectures.includes(architecture)) {
    const platform = architecture === 'arm64' ? 'linux/arm64/v8' : 'linux/amd64';
    return {
      failure: `CannotPullContainerError: Error response from daemon: no matching manifest for ${platform} in the manifest list entries`,
    };
  }
  // Images of Alpine have its busybox in them.
  return tag.includes('alpine') ? { ...standIn, tools: [...new Set([...standIn.tools, 'wget', 'nc'])] } : standIn;
}
