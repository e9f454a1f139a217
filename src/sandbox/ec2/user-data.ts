// What an ECS-optimized instance makes of its user data: the ecs.config its agent will read, and whether it boots through.
// Reads the script, never runs it; knows nothing of instances or clusters.

export interface ParsedUserData {
  /** What ends up in /etc/ecs/ecs.config: `ECS_CLUSTER` and so on. */
  ecsConfig: Record<string, string>;
  /**
   * True when the script starts ecs or docker and waits for it: ecs.service is ordered after cloud-final, which waits for
   * the script, so the agent never starts (amazon-ecs-agent issues 1707, 4818). `--no-block` is the escape.
   */
  deadlocks: boolean;
}

const configPath = /\/etc\/ecs\/ecs\.config/;

/** Removes one pair of quotes around `text`, and what a shell would have unescaped inside double quotes. */
function unquote(text: string): string {
  const trimmed = text.trim();
  const quoted = /^'([^']*)'$/.exec(trimmed) ?? /^"((?:[^"\\]|\\.)*)"$/.exec(trimmed);
  if (quoted === null) return trimmed;
  const inner = quoted[1] ?? '';
  return trimmed.startsWith('"') ? inner.replace(/\\(["\\$`])/g, '$1') : inner;
}

/** Lines of an env file as the agent's unit reads it: comments and lines without `=` count for nothing. */
function readAssignments(text: string, into: Record<string, string>): void {
  for (const line of text.split('\n')) {
    const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (assignment?.[1] !== undefined) into[assignment[1]] = unquote(assignment[2] ?? '');
  }
}

/** `echo` and `printf` of one line into the file: the text between the command and the redirection. */
function readEcho(line: string): { text: string; appends: boolean } | undefined {
  const echo =
    /^\s*(?:sudo\s+)?(echo|printf)\s+((?:-[neE]+\s+)*)(.+?)\s*(>>?|\|\s*(?:sudo\s+)?tee\s+(-a\s+)?)\s*"?\/etc\/ecs\/ecs\.config"?/.exec(
      line,
    );
  if (echo === null) return undefined;
  const interprets = echo[1] === 'printf' || (echo[2] ?? '').includes('e');
  const raw = unquote(echo[3] ?? '');
  const text = interprets ? raw.replace(/\\n/g, '\n') : raw;
  return { text, appends: echo[4] === '>>' || echo[5] !== undefined };
}

/** True for a command that starts ecs or docker and waits until it runs. */
function isBlockingStart(line: string): boolean {
  if (/--no-block\b/.test(line) || /&\s*$/.test(line)) return false;
  return (
    /(^|[;&|]\s*|\s)systemctl\s+(?:-\S+\s+)*(?:start|restart|enable\s+(?:\S+\s+)*--now)\s+(?:\S+\s+)*(?:ecs|docker)(?:\.service)?\b/.test(
      line,
    ) ||
    /(^|[;&|]\s*|\s)systemctl\s+(?:-\S+\s+)*enable\s+(?:\S+\s+)*(?:ecs|docker)(?:\.service)?\s+--now\b/.test(line) ||
    /(^|[;&|]\s*|sudo\s+)(?:start|restart)\s+ecs\b/.test(line) ||
    /(^|[;&|]\s*|\s)service\s+(?:ecs|docker)\s+(?:start|restart)\b/.test(line)
  );
}

function decode(userData: string): string {
  return Buffer.from(userData, 'base64').toString('utf8').replace(/\r\n/g, '\n');
}

/**
 * What the user data of an instance does to the ECS agent.
 * Understood: a `#!` script with `echo K=V >> /etc/ecs/ecs.config`, `printf`, `tee`, and here-documents into that file
 * (`cat <<'EOF' >> …`, either order). Lines that write elsewhere count for nothing. Anything that is not a script does
 * nothing, as cloud-init ignores text it does not recognise.
 * @param userData base64 as RunInstances took it; absent means none.
 */
export function parseUserData(userData: string | undefined): ParsedUserData {
  const parsed: ParsedUserData = { ecsConfig: {}, deadlocks: false };
  if (userData === undefined) return parsed;
  const script = decode(userData);
  if (!script.startsWith('#!')) return parsed;
  const lines = script.replace(/\\\n/g, ' ').split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (/^\s*#/.test(line)) continue;
    const heredoc = /<<(-?)\s*(['"]?)([A-Za-z_][A-Za-z0-9_]*)\2/.exec(line);
    if (heredoc !== null) {
      const body: string[] = [];
      const end = heredoc[3];
      for (at++; at < lines.length; at++) {
        const text = heredoc[1] === '-' ? (lines[at] ?? '').replace(/^\t+/, '') : (lines[at] ?? '');
        if (text === end) break;
        body.push(text);
      }
      if (configPath.test(line)) {
        if (!/>>|tee\s+-a/.test(line)) parsed.ecsConfig = {};
        readAssignments(body.join('\n'), parsed.ecsConfig);
      }
      continue;
    }
    for (const part of line.split(/;(?=(?:[^'"]|'[^']*'|"[^"]*")*$)/)) {
      const echoed = configPath.test(part) ? readEcho(part) : undefined;
      if (echoed !== undefined) {
        if (!echoed.appends) parsed.ecsConfig = {};
        readAssignments(echoed.text, parsed.ecsConfig);
      }
    }
    if (isBlockingStart(line)) parsed.deadlocks = true;
  }
  return parsed;
}

/** The file /etc/ecs/ecs.config as the instance sees it: one `K=V` a line, with a line end after each. */
export function formatEcsConfig(ecsConfig: Record<string, string>): string {
  return Object.entries(ecsConfig)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
