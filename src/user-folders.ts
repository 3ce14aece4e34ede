import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the user's settings are. Imports nothing of ours, since the program looks here before it loads the rest of itself. */
export function configFolder(env: Environment): string {
  if (process.platform === 'win32') return join(env.APPDATA ?? home(), 'octant');
  if (process.platform === 'darwin') return join(home(), 'Library', 'Preferences', 'octant');
  return join(absolute(env.XDG_CONFIG_HOME) ?? join(home(), '.config'), 'octant');
}

/** Where what Octant keeps is, unless a setting says otherwise. */
export function dataFolder(env: Environment): string {
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? home(), 'octant', 'Data');
  if (process.platform === 'darwin') return join(home(), 'Library', 'Application Support', 'octant');
  return join(absolute(env.XDG_DATA_HOME) ?? join(home(), '.local', 'share'), 'octant');
}

/** Relative ones are to be ignored (XDG Base Directory Specification): a project must not be where settings come from. */
function absolute(folder: string | undefined): string | undefined {
  return folder !== undefined && isAbsolute(folder) ? folder : undefined;
}

/** The system's own word where HOME is empty. */
export function home(): string {
  return homedir() || userInfo().homedir;
}
