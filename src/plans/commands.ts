import type { Script } from '../projects/manifest.ts';
import type { Command } from './material.ts';

const testName = /^(?:(?:npm|pnpm|yarn|bun|composer) run |make |just )?(?:tests?|unit|spec)(?:[:_-](?:unit|all|ci))?$/;
const checkName =
  /^(?:(?:npm|pnpm|yarn|bun|composer) run |make |just )?(?:check|lint|typecheck|type-check|tsc|fmt|format[:_-]check)$/;
/** What tests a project that says so by a file alone. */
const byTool = new Map([
  ['Cargo.toml', 'cargo test'],
  ['go.mod', 'go test ./...'],
  ['deno.json', 'deno test'],
  ['deno.jsonc', 'deno test'],
  ['pytest.ini', 'pytest'],
  ['tox.ini', 'tox'],
  ['conftest.py', 'pytest'],
]);
const mostOfAKind = 3;

/** The commands that test and check a project, as far as it says so itself. */
export function commandsOf(scripts: readonly Script[], tools: readonly string[]): Command[] {
  const own = scripts.flatMap(({ run, command }): Command[] => {
    if (testName.test(run)) return [{ run: run.replace(/^npm run test$/, 'npm test'), kind: 'test', calls: command }];
    return checkName.test(run) ? [{ run, kind: 'check', calls: command }] : [];
  });
  const implied = tools.flatMap((tool) => byTool.get(tool) ?? []);
  const tests = own.filter(({ kind }) => kind === 'test');
  const all = tests.length > 0 ? own : [...implied.map((run): Command => ({ run, kind: 'test', calls: run })), ...own];
  const unique = [...new Map(all.map((each) => [each.run, each])).values()];
  return (['test', 'check'] as const).flatMap((kind) =>
    unique.filter((each) => each.kind === kind).slice(0, mostOfAKind),
  );
}

/** Runners that take files, by a word of the script that calls them. */
const runners = [
  [/\bvitest\b/, 'npx vitest run'],
  [/\bjest\b/, 'npx jest'],
  [/\bmocha\b/, 'npx mocha'],
  [/\bnode\b[^&|;]* --test\b/, 'node --test'],
  [/\bbun test\b/, 'bun test'],
  [/\bdeno test\b/, 'deno test -A'],
  [/\bpytest\b/, 'pytest'],
] as const;

/** How to run these tests alone where the project's runner is known, else all of them; undefined where nobody knows. */
export function commandFor(commands: readonly Command[], tests: readonly string[]): string | undefined {
  const calls = commands.filter(({ kind }) => kind === 'test');
  const files = tests.map((path) => (/\s/.test(path) ? JSON.stringify(path) : path)).join(' ');
  for (const { calls: text } of calls) {
    const runner = runners.find(([pattern]) => pattern.test(text))?.[1];
    if (runner && files !== '') return `${runner} ${files}`;
  }
  if (calls.some(({ calls: text }) => text.startsWith('go test')) && tests.every((path) => path.endsWith('.go'))) {
    return `go test ${[...new Set(tests.map((path) => `./${path.slice(0, path.lastIndexOf('/'))}`))].join(' ')}`;
  }
  return calls[0]?.run;
}
