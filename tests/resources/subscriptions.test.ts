import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readInvocation } from '../../src/config.ts';
import { createContext } from '../../src/context.ts';
import { defineResource, type Release } from '../../src/resources/resource.ts';
import { createSharedSubscriptions, subscribe } from '../../src/resources/subscriptions.ts';
import { tempProject } from '../helpers/temp-project.ts';

/** A kind of resource whose targets are found when the test says so. */
function slowKind() {
  const found = Promise.withResolvers<Release | undefined>();
  const state = { asked: 0, released: 0, change: () => {} };
  const kind = defineResource({
    name: 'slow',
    title: 'Slow',
    description: 'Takes its time.',
    uriTemplate: 'test://slow/{id}',
    read: async ({ id }) => ({ mimeType: 'text/plain', text: id }),
    list: async () => ({ resources: [] }),
    watch(_variables, _services, notify) {
      state.asked++;
      state.change = notify;
      return found.promise;
    },
  });
  const release = () => {
    state.released++;
  };
  return { kind, state, found, release };
}

function serve() {
  const errors: object[] = [];
  const ignore = () => {};
  const log = {
    fatal: ignore,
    warn: ignore,
    info: ignore,
    debug: ignore,
    error: (fields: object) => errors.push(fields),
  };
  const invocation = readInvocation({
    argv: ['--project', tempProject(), '--data-dir', tempProject()],
    env: {},
    cwd: '/',
  });
  if (invocation.kind !== 'run') throw new Error('these arguments start a server');
  const context = createContext(invocation.settings, '/', log);
  onTestFinished(() => context.close());
  return { context, errors };
}

describe('A subscription', () => {
  it('is released once, however often it is asked to', async () => {
    const { kind, state, found, release } = slowKind();
    const { release: end } = subscribe('test://slow/1', [kind], serve().context, () => {});
    found.resolve(release);
    await turn();
    expect(state.released).toBe(0);
    end();
    end();
    expect(state.released).toBe(1);
  });

  it('that ends before its target is found leaves no watch behind', async () => {
    const { kind, state, found, release } = slowKind();
    const { release: end } = subscribe('test://slow/1', [kind], serve().context, () => {});
    end();
    found.resolve(release);
    await turn();
    expect(state).toMatchObject({ asked: 1, released: 1 });
  });

  it('to what no kind knows, or what is not there, can be ended like any other', async () => {
    const { kind, state, found } = slowKind();
    const { context, errors } = serve();
    subscribe('test://other', [kind], context, () => {}).release();
    expect(state.asked).toBe(0);
    const { release: end } = subscribe('test://slow/1', [kind], context, () => {});
    found.resolve(undefined);
    await turn();
    end();
    expect(errors).toEqual([]);
  });

  it('says when it is watched, and at the latest after some seconds', async () => {
    const { kind, found, release } = slowKind();
    const { context } = serve();
    const first = subscribe('test://slow/1', [kind], context, () => {});
    const isFirst = () => Promise.race([first.watched.then(() => true), turn(false)]);
    expect(await isFirst()).toBe(false);
    found.resolve(release);
    expect(await isFirst()).toBe(true);

    const never = subscribe('test://slow/1', [slowKind().kind], context, () => {});
    await never.watched;
    never.release();
  });

  it('whose watch fails is logged and stays silent', async () => {
    const { kind, found } = slowKind();
    const { context, errors } = serve();
    const { release: end } = subscribe('test://slow/1', [kind], context, () => {});
    found.reject(new Error('the store is away'));
    await turn();
    expect(errors).toMatchObject([{ kind: 'slow', err: { message: 'the store is away' } }]);
    end();
  });

  it('is shared by all streams that name its URI, until the last has closed', async () => {
    const { kind, state, found, release } = slowKind();
    const heard: string[] = [];
    const shared = createSharedSubscriptions([kind], serve().context, {
      updated: (uri) => heard.push(uri),
      promptsChanged: () => heard.push('prompts'),
    });
    const { release: one } = shared.open({ uris: ['test://slow/1', 'test://slow/1'], prompts: false });
    const { release: two } = shared.open({ uris: ['test://slow/1'], prompts: false });
    found.resolve(release);
    await turn();
    state.change();
    expect([state.asked, heard]).toEqual([1, ['test://slow/1']]);
    one();
    one();
    expect(state.released).toBe(0);
    two();
    expect(state.released).toBe(1);
  });
});
