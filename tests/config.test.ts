import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInvocation } from '../src/config.ts';
import { cleanEnvironment, program } from './helpers/program.ts';
import { tempProject } from './helpers/temp-project.ts';

function settingsOf(argv: string[], env: Record<string, string> = {}) {
  const invocation = readInvocation({ argv, env: { XDG_CONFIG_HOME: '/nowhere', ...env }, cwd: '/here' });
  if (invocation.kind !== 'run') throw new Error(invocation.kind);
  return invocation;
}

describe('Settings', () => {
  it('come from flags first, then the environment, then the file, then defaults', () => {
    const folder = tempProject({ 'octant/octant.config.json': '{"port": 1, "logLevel": "debug", "host": "::1"}' });
    const { settings } = settingsOf(['http', '--port', '3'], {
      XDG_CONFIG_HOME: folder,
      OCTANT_PORT: '2',
      OCTANT_LOG_LEVEL: 'warn',
    });
    expect(settings).toMatchObject({
      port: 3,
      logLevel: 'warn',
      host: '::1',
      toolsets: ['default'],
    });
  });

  it('take the folder that the client names over the one it starts in', () => {
    expect(settingsOf([]).startFolder).toBe('/here');
    expect(settingsOf([], { CLAUDE_PROJECT_DIR: '/there' }).startFolder).toBe('/there');
  });

  it('keep a comma in a path, and split paths of the environment as the system does', () => {
    expect(settingsOf(['--project', '/a,b', '--project', '/c']).settings.project).toEqual(['/a,b', '/c']);
    expect(settingsOf([], { OCTANT_PROJECT: '/a:/b' }).settings.project).toEqual(['/a', '/b']);
  });

  it.each([
    [['--log-level', 'loud'], {}, /^--log-level is "loud": .*"fatal"\|"error"\|"warn"/],
    [['--port', '70000'], {}, /^--port is 70000: .*65535/],
    [['--toolsets', 'files,magic'], {}, /^--toolsets is \["files","magic"\]: .*"files"/],
    [[], { OCTANT_PORT: 'high' }, /^OCTANT_PORT is "high": .*number/],
    [['--colour'], {}, /Unknown option '--colour'.*octant --help/],
    [['serve'], {}, /^Unknown command "serve"\. Allowed: stdio, http, pack, export, import, backup\.$/],
  ])('name a wrong value, where it came from and what is allowed: %j %j', (argv, env, message) => {
    expect(() => settingsOf(argv, env)).toThrow(message);
  });

  it('name the file and the field that is wrong in octant.config.json', () => {
    const folder = tempProject({ 'a.json': '{"prot": 1}', 'b.json': '{"port": "x"}', 'c.json': '[1' });
    const at = (name: string) => () => settingsOf(['--config', join(folder, name)]);
    expect(at('a.json')).toThrow(/^Unknown setting "prot" in .*a\.json\. Allowed: project, toolsets, dataDir/);
    expect(at('b.json')).toThrow(/^"port" in .*b\.json is "x": /);
    expect(at('c.json')).toThrow(/c\.json is not valid JSON/);
    expect(at('d.json')).toThrow(/^Cannot read the config file .*d\.json/);
  });

  it('never show a URL, which may hold a password', () => {
    const argv = ['--store', 'mysql://root:hunter2@db/x'];
    expect(() => settingsOf(argv)).toThrow('--store is (not shown): must begin with postgres://.');
  });

  it('keep the store where the system keeps data of users', () => {
    expect(settingsOf([], { XDG_DATA_HOME: '/data' }).settings.dataDir).toBe('/data/octant');
    expect(settingsOf(['--data-dir', 'there']).settings.dataDir).toBe('/here/there');
  });

  it("are never read from the project, which may be a stranger's", () => {
    const folder = tempProject({ 'octant.config.json': '{"host": "0.0.0.0"}' });
    const invocation = readInvocation({ argv: [], env: { XDG_CONFIG_HOME: '/nowhere' }, cwd: folder });
    expect(invocation).toMatchObject({ settings: { host: '127.0.0.1' } });
  });
});

describe('The program', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: cleanEnvironment() });

  it('shows its help and its version', () => {
    expect(run('--help').stdout).toMatch(/Usage:\n {2}octant \[stdio\][\s\S]*--project PATH[\s\S]*Examples:/);
    expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('ends with one line and status 1 when a setting is wrong', () => {
    const { status, stdout, stderr } = run('http', '--port', 'x');
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      'octant: --port is "x": Invalid input: expected number, received string.\n',
    ]);
  });

  it('refuses to listen beyond loopback without a token', () => {
    const { status, stderr } = run('http', '--host', '0.0.0.0', '--port', '0');
    expect([status, stderr]).toEqual([1, expect.stringContaining('needs --token-file')]);
  });

  it('refuses kernel file systems and folders that are not there', () => {
    expect(run('--project', '/proc/self').stderr).toContain('no place for a project');
    expect(run('--project', '/not/there').stderr).toMatch(/^octant: --project \/not\/there: it cannot be opened/);
  });

  const old = oldNode();
  it.skipIf(!old)('starts itself again on the Node of the package when started on Node 20 (needs one on PATH)', () => {
    expect(execFileSync(old ?? '', [program, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

/** A Node 20 of the machine, where there is one. */
function oldNode(): string | undefined {
  const found = spawnSync('which', ['-a', 'node'], { encoding: 'utf8' }).stdout?.split('\n').filter(Boolean) ?? [];
  return found.find((path) => /^v20\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? ''));
}
