import { closeFile, openListed, type Root, readStart } from '../projects/door.ts';
import { sizeOf } from '../projects/file-look.ts';
import type { JobControl } from '../projects/job-control.ts';
import { decodeText } from '../projects/text-kind.ts';
import { walk } from '../projects/walk.ts';
import type { CountTokens } from '../text/tokens.ts';
import type { CountedFile } from './token-tree.ts';

/** Of each kind of file so many are counted, and so much of each; the others by their size. */
const samples = 4;
const sampleBytes = 32 * 1024;
const usualBytesPerToken = 3.6;

/** All files of a project with about how many tokens each has: as many for its size as some others of its kind. */
export function countTree(
  root: Root,
  count: CountTokens,
  control: JobControl,
): { files: CountedFile[]; isCut: boolean } {
  const kinds = new Map<string, Array<{ path: string; bytes: number }>>();
  const entries = walk(root.folder, control.walkBudget);
  let step = entries.next();
  for (let seen = 0; !step.done; step = entries.next()) {
    const { path, kind } = step.value;
    if (kind !== 'file') continue;
    const ofKind = kinds.get(extensionOf(path)) ?? [];
    ofKind.push({ path, bytes: sizeOf(root, path) });
    kinds.set(extensionOf(path), ofKind);
    control.progress(++seen, path);
  }
  const files = [...kinds.values()].flatMap((ofKind) => {
    const perByte = control.shouldStop() ? 1 / usualBytesPerToken : tokensPerByte(root, ofKind, count);
    return ofKind.map(({ path, bytes }) => ({ path, tokens: Math.ceil(bytes * perByte) }));
  });
  return { files, isCut: step.value.cut !== undefined };
}

function extensionOf(path: string): string {
  return /\.[^./]*$/.exec(path)?.[0].toLowerCase() ?? '';
}

/** By some that lie as far from each other as can be; none where they are no text. */
function tokensPerByte(root: Root, files: ReadonlyArray<{ path: string; bytes: number }>, count: CountTokens): number {
  const stride = Math.max(1, Math.floor(files.length / samples));
  let [bytes, tokens] = [0, 0];
  for (let at = 0; at < files.length; at += stride) {
    const sample = sampleOf(root, files[at]?.path ?? '');
    bytes += sample.bytes;
    tokens += sample.text === undefined ? 0 : count(sample.text);
  }
  return bytes === 0 ? 1 / usualBytesPerToken : tokens / bytes;
}

function sampleOf(root: Root, path: string): { bytes: number; text?: string | undefined } {
  const file = openListed(root, path);
  if (!file) return { bytes: 0 };
  try {
    const bytes = readStart(file, sampleBytes);
    return { bytes: bytes.length, text: decodeText(bytes) };
  } finally {
    closeFile(file);
  }
}
