import { describe, expect, test } from 'vitest';
import { language, mimeType } from '../../src/projects/languages.ts';

describe('language', () => {
  test.each([
    ['src/main.ts', 'TypeScript', 'text/x-typescript'],
    ['src/App.TSX', 'TypeScript', 'text/x-typescript'],
    ['types.d.ts', 'TypeScript', 'text/x-typescript'],
    ['a.mjs', 'JavaScript', 'text/javascript'],
    ['a.py', 'Python', 'text/x-python'],
    ['a.rs', 'Rust', 'text/x-rust'],
    ['a.h', 'C', 'text/x-c'],
    ['a.c++', 'C++', 'text/x-c++'],
    ['README.md', 'Markdown', 'text/markdown'],
    ['package.json', 'JSON', 'application/json'],
    ['ci.yml', 'YAML', 'application/yaml'],
    ['docker/Dockerfile', 'Dockerfile', 'text/x-dockerfile'],
    ['Dockerfile.dev', 'Dockerfile', 'text/x-dockerfile'],
    ['prod.dockerfile', 'Dockerfile', 'text/x-dockerfile'],
    ['Makefile', 'Makefile', 'text/x-makefile'],
    ['CMakeLists.txt', 'CMake', 'text/x-cmake'],
    ['Cargo.lock', 'TOML', 'application/toml'],
    ['.gitignore', 'Ignore List', 'text/plain'],
    ['.env', 'Dotenv', 'text/x-dotenv'],
    ['.env.local', 'Dotenv', 'text/x-dotenv'],
    ['LICENSE', 'Text', 'text/plain'],
    ['logo.svg', 'SVG', 'image/svg+xml'],
  ])('%s is %s', (path, name, type) => {
    expect(language(path)).toEqual({ name, mimeType: type });
    expect(mimeType(path, true)).toBe(type);
  });

  test.each(['', '/', 'a', 'src.ts/file', '.ts', 'a.', 'constructor', 'a.constructor', 'a.__proto__', 'photo.png'])(
    '%j has none',
    (path) => {
      expect(language(path)).toBeUndefined();
    },
  );
});

describe('mimeType', () => {
  test('a .ts file is never a video', () => {
    expect(mimeType('stream.ts', false)).toBe('text/x-typescript');
  });

  test.each([
    ['logo.PNG', 'image/png'],
    ['paper.pdf', 'application/pdf'],
    ['font.woff2', 'font/woff2'],
    ['unknown.zzz', 'application/octet-stream'],
    ['no-extension', 'application/octet-stream'],
  ])('binary %s is %s', (path, type) => {
    expect(mimeType(path, false)).toBe(type);
  });

  test.each(['unknown.zzz', 'no-extension', 'not-really.png'])('text in %s is plain text', (path) => {
    expect(mimeType(path, true)).toBe('text/plain');
  });
});
