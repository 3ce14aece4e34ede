import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { type HttpHost, serveHttp } from '../../src/transports/http.ts';
import { type RunningHttp, startHttp } from '../helpers/program.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { createFixtureServer } from './fixture-server.ts';
import { type Era, hasPassed, problems, readRequired, runRequirements, type SuiteRun } from './suite.ts';

const timeout = 60_000;

/** Proves the composition: our guards, sessions and shutdown around a server that has all that the suite asks for. */
describe('The HTTP host, with a server that offers what the suite looks for', () => {
  let host: HttpHost;

  beforeAll(async () => {
    const loopback = { host: '127.0.0.1', port: 0, allowHost: [], allowOrigin: [], token: undefined };
    host = await serveHttp({ ...loopback, createServer: createFixtureServer, log: createLog('silent') });
  });
  afterAll(() => host.close(1000));

  /** The suite runs more than it scores. Of that we fail what we do not have, and nothing else. */
  const eras: Array<{ era: Era; count: number; without: RegExp }> = [
    { era: '2025-11-25', count: 30, without: /^server-sse-polling$/ }, // resuming a stream: needs a store of events
    { era: '2026-07-28', count: 37, without: /^tasks-/ }, // an extension
  ];

  test.for(eras)('passes all $count scenarios that $era requires.', { timeout }, async ({ era, count, without }) => {
    const required = await readRequired(era);
    const { exitCode, output, scenarios } = await runRequirements(host.url, era);
    const passed = [...scenarios.keys()].filter((name) => hasPassed(scenarios.get(name)));
    const others = [...scenarios.keys()].filter((name) => !without.test(name));

    expect(required).toHaveLength(count);
    expect(passed, output).toEqual(expect.arrayContaining(required));
    expect(passed.toSorted(), output).toEqual(others.toSorted());
    expect(exitCode, output).toBe(0);
  });
});

/**
 * What holds for any server, whatever it offers. `logging-set-level` is for servers that have the capability, which
 * the protocol has deprecated: ours log to stderr.
 */
const general: Record<Era, string[]> = {
  '2025-11-25': [
    'server-initialize',
    'server-session-lifecycle',
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
    'ping',
    'tools-list',
    'resources-list',
    'resources-subscribe',
    'resources-unsubscribe',
    'prompts-list',
  ],
  '2026-07-28': [
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
    'http-header-validation',
    'caching',
    'tools-list',
    'resources-list',
    'sep-2164-resource-not-found',
    'prompts-list',
    'input-required-result-unsupported-methods',
  ],
};

const notListed = /^Not testable: server does not list/;

/**
 * These checks of `server-stateless` call tools of the suite's own (`test_missing_capability`,
 * `test_streaming_elicitation`, `test_logging_tool`) to see how questions and logs travel. Octant asks and logs
 * nothing; the host passes them above, with a server that does. The last calls `test_trigger_prompt_change`, and takes
 * our answer that there is no such tool for a change of the prompts; that ours are told of is held by tests/prompts.
 */
const needToolsOfTheSuite = new Map([
  ['sep-2575-server-rejects-undeclared-capability', notListed],
  ['sep-2575-missing-capability-http-400', notListed],
  ['sep-2575-http-server-no-independent-requests-on-stream', notListed],
  ['sep-2575-server-no-log-without-loglevel', notListed],
  ['sep-2575-server-sends-prompts-list-changed-on-subscription', /^Mutated the prompt list but no/],
]);

describe('Octant over HTTP', () => {
  const folder = makeTempFolder();
  let octant: RunningHttp;
  let runs: Record<Era, SuiteRun>;

  // One run for each era: to start the suite takes longer than most of its scenarios.
  beforeAll(async () => {
    writeFiles(folder, { 'README.md': '# A project\n', 'src/index.ts': 'export const answer = 42;\n' });
    octant = await startHttp(['--project', folder], { cwd: folder });
    runs = {
      '2025-11-25': await runRequirements(octant.url, '2025-11-25'),
      '2026-07-28': await runRequirements(octant.url, '2026-07-28'),
    };
  }, 2 * timeout);
  afterAll(async () => {
    const exitCode = await octant.stop();
    removeFolder(folder);
    expect(exitCode).toBe(0); // whatever sessions and streams the suite left open
  });

  for (const era of ['2025-11-25', '2026-07-28'] as const) {
    test.for(general[era])(`passes %s of ${era}.`, (scenario) => {
      const { scenarios, output } = runs[era];
      expect(hasPassed(scenarios.get(scenario)), output).toBe(true);
    });
  }

  test('passes server-stateless of 2026-07-28, but for the 5 checks that need tools of the suite.', () => {
    const { scenarios, output } = runs['2026-07-28'];
    const checks = scenarios.get('server-stateless') ?? [];
    const passed = checks.filter(({ status }) => status === 'SUCCESS');
    const failed = problems(checks);
    const failedIds = failed.map(({ id }) => id);

    expect(failedIds, output).toEqual([...needToolsOfTheSuite.keys()]);
    for (const { id, errorMessage } of failed) expect(errorMessage).toMatch(needToolsOfTheSuite.get(id) ?? notListed);
    expect(passed, output).toHaveLength(24);
  });
});
