import { packageName } from '../package.ts';
import type { Project } from '../projects/registry.ts';

/** What `octant http` prints when it is ready: where it is, what it serves, and what to paste for each client. */
export function welcome(url: string, projects: readonly Project[], needsToken: boolean): string {
  const served = projects.map(({ id, folder }) => `  ${id}: ${folder}`);
  const header = needsToken ? { headers: { Authorization: 'Bearer YOUR_TOKEN' } } : {};
  const claude = needsToken ? ' --header "Authorization: Bearer YOUR_TOKEN"' : '';
  const entry = (fields: object) => JSON.stringify({ octant: { ...fields, ...header } });
  return `Octant is ready at ${url}

${served.length > 0 ? `Projects:\n${served.join('\n')}` : 'No project: start with --project PATH, or in the folder of one.'}

Connect a client over HTTP:
  Claude Code     claude mcp add --transport http octant ${url}${claude}
  Cursor          .cursor/mcp.json         {"mcpServers":${entry({ url })}}
  VS Code         .vscode/mcp.json         {"servers":${entry({ type: 'http', url })}}
  Gemini CLI      .gemini/settings.json    {"mcpServers":${entry({ type: 'http', url })}}
  OpenCode        opencode.json            {"mcp":${entry({ type: 'remote', url })}}
  Codex           ~/.codex/config.toml     [mcp_servers.octant]  url = "${url}"${needsToken ? '  bearer_token_env_var = "OCTANT_TOKEN"' : ''}

Or let the client start its own (all of them, and Claude Desktop's claude_desktop_config.json):
  {"mcpServers":{"octant":{"command":"npx","args":["-y","${packageName}"]}}}

Stop with Ctrl+C.
`;
}
