import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { lookAt } from '../../src/projects/file-look.ts';
import { createLookSweep, helpLooking } from '../../src/projects/look-sweep.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

const count = 1000;
const pathOf = (file: number) => `f${Math.floor(file / 100)}/é${String(file).padStart(4, '0')}.ts`;
const all = Array.from({ length: count }, (_, file) => pathOf(file));

/** A project of files that nothing has happened to, and a sweep of them. */
function begin() {
  const root = { folder: tempProject(), refuseHardLinks: false };
  writeFiles(root.folder, Object.fromEntries(all.map((path) => [path, 'text'])));
  const bytes = Buffer.from(all.join('\0'));
  const paths = new Uint8Array(new SharedArrayBuffer(bytes.length));
  paths.set(bytes);
  const looks = new Float64Array(new SharedArrayBuffer(count * 32));
  for (const [file, path] of all.entries()) {
    const { size = -1, modifiedAt = 0, changedAt = 0, inode = 0 } = lookAt(root, path) ?? {};
    looks.set([size, modifiedAt, changedAt, inode], file * 4);
  }
  return { folder: root.folder, sweep: createLookSweep(root, { paths, looks }, all) };
}

/** In each way that a file can be another. */
function change(folder: string, paths: readonly string[]) {
  for (const [at, path] of paths.entries()) {
    const file = join(folder, path);
    if (at % 4 === 0) writeFileSync(file, 'more text');
    else if (at % 4 === 1) utimesSync(file, 1, 1);
    else rmSync(file);
    if (at % 4 === 2) symlinkSync('other', file);
  }
}

function startHelper(): Worker {
  const helper = new Worker(new URL('../../src/search/live/look-worker.ts', import.meta.url));
  onTestFinished(async () => void (await helper.terminate()));
  return helper;
}

it('tells which files look otherwise, with help and without', async () => {
  const changed = [0, 1, 126, 127, 128, 129, 500, 998, 999].map(pathOf);
  for (const helpers of [0, 1, 2]) {
    const { folder, sweep } = begin();
    change(folder, changed);
    for (let at = 0; at < helpers; at++) startHelper().postMessage(sweep.handle);
    sweep.allowBefore(pathOf(700));
    if (helpers > 0) await expect.poll(() => sweep.handle.isSame[600]).toBe(1);
    expect(sweep.finish()).toEqual(changed);
  }
});

it('lets nothing be looked at before its time', async () => {
  const { folder, sweep } = begin();
  startHelper().postMessage(sweep.handle);
  sweep.allowBefore(pathOf(300));
  await expect.poll(() => sweep.handle.isSame.indexOf(0)).toBe(256); // all chunks of files that are allowed
  await setTimeout(20);
  const late = [300, 301, 302, 700].map(pathOf);
  change(folder, late);
  expect(sweep.finish()).toEqual(late);
});

it('does without a helper that never comes back', async () => {
  const { folder, sweep } = begin();
  const { state } = sweep.handle;
  change(folder, all.slice(128, 130));
  sweep.allowBefore(pathOf(999));
  Atomics.store(state, 1, 2); // two chunks are taken, and nobody looks at them
  expect(sweep.finish()).toEqual(all.slice(128, 130));
  helpLooking(sweep.handle); // a helper that is late ends at once
});
