import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder with these files, gone when the test that made it has ended. Returns its real path. */
export function tempProject(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = makeTempFolder();
  onTestFinished(() => removeFolder(folder));
  writeFiles(folder, files);
  return folder;
}

/** For what a whole file of tests shares; the caller removes it. */
export function makeTempFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'octant-')));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
