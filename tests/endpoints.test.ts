import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readInvocation } from '../src/config.ts';
import { readEndpoints } from '../src/endpoints.ts';
import { tempProject } from './helpers/temp-project.ts';

const key = 'sk-canary-0987654321';

function shown(entries: string[], env: Record<string, string> = {}) {
  return readEndpoints(entries, env).map(({ name, api, baseUrl, key, isLocal, isGuess }) => {
    const notes = [...(key ? ['key'] : []), ...(isLocal ? ['local'] : []), ...(isGuess ? ['guess'] : [])];
    return `${name} ${api} ${baseUrl} ${notes.join(' ')}`.trim();
  });
}

const guesses = [
  'lmstudio openai http://127.0.0.1:1234/v1 local guess',
  'ollama ollama http://127.0.0.1:11434 local guess',
];

describe('Providers', () => {
  it('are what runs on this machine, and those that have a key', () => {
    expect(shown([])).toEqual(guesses);
    expect(shown([], { OPENAI_API_KEY: key, GROQ_API_KEY: ` ${key}\n`, OPENROUTER_API_KEY: '' })).toEqual([
      'openai openai https://api.openai.com/v1 key',
      'groq openai https://api.groq.com/openai/v1 key',
      ...guesses,
    ]);
  });

  it('can be named, moved and left out', () => {
    const entries = [
      'anthropic=https://api.anthropic.com/v1/',
      'gpu=ollama+http://10.0.0.5:11434',
      'lmstudio=off',
      'ollama=off',
    ];
    expect(shown(entries, { ANTHROPIC_API_KEY: key })).toEqual([
      'anthropic openai https://api.anthropic.com/v1 key',
      'gpu ollama http://10.0.0.5:11434',
    ]);
    const moved = ['openai=http://127.0.0.1:9/v1', 'lmstudio=http://127.0.0.1:1234/v1', 'ollama=off'];
    expect(shown(moved)).toEqual([
      'openai openai http://127.0.0.1:9/v1 local',
      'lmstudio openai http://127.0.0.1:1234/v1 local',
    ]);
    expect(shown(['openai=off', 'lmstudio=off', 'ollama=off'], { OPENAI_API_KEY: key })).toEqual([]);
  });

  it.each([
    ['0.0.0.0', 'http://127.0.0.1:11434 local'],
    ['127.0.0.1:9999', 'http://127.0.0.1:9999 local'],
    [':9999', 'http://127.0.0.1:9999 local'],
    ['[::]:9999', 'http://127.0.0.1:9999 local'],
    ['gpu.example', 'http://gpu.example:11434'],
    ['https://gpu.example', 'https://gpu.example'],
    ['http://0.0.0.0:8', 'http://127.0.0.1:8 local'],
    ['http://127.1:8', 'http://127.0.0.1:8 local'],
  ])('find Ollama where OLLAMA_HOST says: %s', (host, expected) => {
    expect(shown(['lmstudio=off'], { OLLAMA_HOST: host })).toEqual([`ollama ollama ${expected}`]);
  });

  it('have their key from the environment or from a file, and show it to nobody', () => {
    const folder = tempProject({ key: `${key}\nmore` });
    const [openai] = readEndpoints([], { OPENAI_API_KEY_FILE: `${folder}/key` });
    expect(openai?.key?.()).toBe(key);
    const invocation = readInvocation({
      argv: [],
      env: { XDG_CONFIG_HOME: '/nowhere', OPENAI_API_KEY: key },
      cwd: '/',
    });
    expect(JSON.stringify(invocation) + inspect(invocation, { depth: 9 })).not.toContain('canary');
  });

  it.each([
    [
      ['x=http://gpu.example/v1'],
      { X_API_KEY: key },
      '--providers x: the address must begin with https://, since a key is sent.',
    ],
    [
      ['x=https://user:pass@h/v1'],
      {},
      '--providers x: the address must not hold a password; a key is read from the environment.',
    ],
    [['x=https://h/v1?key=1'], {}, '--providers x: the address must not have a query or a fragment.'],
    [['x=http://169.254.169.254/v1'], {}, '--providers x: the address is link-local.'],
    [['x=http://0xa9fea9fe/v1'], {}, '--providers x: the address is link-local.'],
    [['x=http://[fe80::1]/v1'], {}, '--providers x: the address is link-local.'],
    [['x=http://[/v1'], {}, '--providers x: the address is no URL.'],
    [
      [],
      { OPENAI_BASE_URL: 'file:///etc/passwd' },
      'OPENAI_BASE_URL: the address must begin with http:// or https://.',
    ],
    [[], { OLLAMA_HOST: 'http://[' }, 'OLLAMA_HOST: the address is no URL.'],
    [[], { OPENAI_API_KEY: 'not a key' }, 'OPENAI_API_KEY holds characters that no key has.'],
    [[], { GROQ_API_KEY_FILE: '/not/there' }, /^GROQ_API_KEY_FILE \/not\/there cannot be read: ENOENT/],
  ])('are refused where a key or a project would go astray: %j %j', (entries, env: Record<string, string>, message) => {
    expect(() => readEndpoints(entries, env)).toThrow(message);
  });

  it('and tiers are checked for their form', () => {
    const read =
      (...argv: string[]) =>
      () =>
        readInvocation({ argv, env: { XDG_CONFIG_HOME: '/nowhere' }, cwd: '/' });
    expect(read('--providers', 'OpenAI')).toThrow(
      '--providers is (not shown): must be NAME=URL, NAME=ollama+URL or NAME=off.',
    );
    expect(read('--models', 'huge=openai/x')).toThrow(
      /^--models is \["huge=openai\/x"\]: must be TIER=PROVIDER\/MODEL/,
    );
    expect(read('--models', 'low=a/b', '--models', 'low=c/d/e', '--models', 'high=f/g')()).toMatchObject({
      settings: { tiers: { low: ['a/b', 'c/d/e'], medium: [], high: ['f/g'], planning: [] } },
    });
  });
});
