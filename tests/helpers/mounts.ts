import { spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { makeTempFolder, removeFolder, tempProject } from './temp-project.ts';

/** Why file systems cannot be mounted here; for the name of a skipped test. */
export const noMounts = canMount() ? '' : ' (skipped: this user may not mount file systems)';

/** A disk of its own of so many megabytes, gone when the test that made it has ended. */
export function tempDisk(megabytes: number): string {
  const folder = tempProject();
  mount(['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder], folder);
  return folder;
}

/** Nothing under this folder, or nothing in this file, can be changed from now on. */
export function makeReadOnly(path: string): void {
  mount(['--bind', path, path], path);
  spawnSync('mount', ['-o', 'remount,bind,ro', path]);
}

export function unmount(path: string): void {
  spawnSync('umount', ['--lazy', path]);
}

function mount(args: string[], path: string) {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount failed: ${stderr}`);
  onTestFinished(() => unmount(path));
}

function canMount(): boolean {
  const folder = makeTempFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  unmount(folder);
  removeFolder(folder);
  return status === 0;
}
