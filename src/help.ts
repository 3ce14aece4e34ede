import { helpLine } from './flags.ts';
import { packHelp } from './pack-flags.ts';
import { settingRows } from './settings.ts';
import { configFolder } from './user-folders.ts';

/** The text of `octant --help`. */
export function helpText(description: string, env: Readonly<Record<string, string | undefined>>): string {
  const rows = settingRows().map(({ flag, description, initial }) => {
    return helpLine(flag, `${description}${initial ? ` (default: ${initial})` : ''}`);
  });
  return `${description}

Usage:
  octant [stdio] [options]   serve one client over stdin and stdout (what MCP clients start)
  octant http [options]      serve many clients on http://127.0.0.1:7337/mcp
  octant pack [PATH ...]     write what a model should read of these files, or for a --task, within a budget of tokens
  octant export [PATH]       write all that is stored (or what is of --project) as JSON lines, or as Markdown to a folder
  octant import PATH         read such an export, Task Master's tasks.json, beads' JSON lines, Markdown tickets or prompts,
                             Claude Code commands, Cursor rules
  octant backup PATH         copy the store's file, while servers use it

Options:
${rows.join('\n')}
${helpLine('--config PATH', `Read settings from this file (default: octant.config.json in ${configFolder(env)})`)}
${helpLine('--help', 'Show this text')}
${helpLine('--version', 'Show the version')}

Options of octant pack:
${packHelp()}

Each of the first options can be set in the environment too (--log-level is OCTANT_LOG_LEVEL) and in octant.config.json ("logLevel").

Examples:
  octant --project ~/code/shop
  octant http --port 8080 --project ~/code/shop --project ~/code/site
  claude mcp add octant -- npx -y octant-mcp
  octant pack --task 'Retry failed payments' --budget 32000 --output context.md
  octant export tickets.jsonl
  octant import .taskmaster/tasks/tasks.json --project ~/code/shop
`;
}
