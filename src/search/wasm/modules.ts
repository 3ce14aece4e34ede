import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../package.ts';

/** An address in the memory that a module was loaded with. */
export type Address = number;

/** See scan.as.ts, postings.as.ts, lines.as.ts and needle.as.ts. Addresses may come back negative: take `>>> 0`. */
export interface ScanModule {
  scanBlocks(
    needle: Address,
    filter: Address,
    list: Address,
    count: number,
    cursor: Address,
    hits: Address,
    most: number,
  ): number;
  countLines(needle: Address, list: Address, count: number): number;
  addPostings(list: Address, length: number, bitmap: Address, bitmapBytes: number): void;
  keepPostings(list: Address, length: number, bitmap: Address, bitmapBytes: number, spare: Address): void;
  addBitmap(other: Address, bitmap: Address, bitmapBytes: number): void;
  keepBitmap(other: Address, bitmap: Address, bitmapBytes: number): void;
  countMembers(bitmap: Address, bitmapBytes: number): number;
  listMembers(bitmap: Address, bitmapBytes: number, table: Address, out: Address): number;
  countNewlines(from: Address, end: Address): number;
  findNewline(from: Address, end: Address): Address;
  findNeedle(needle: Address, from: Address, end: Address): Address;
}

export function loadScanModule(memory: WebAssembly.Memory): ScanModule {
  const take = load('scan.wasm', memory);
  return {
    scanBlocks: take('scanBlocks'),
    countLines: take('countLines'),
    addPostings: take('addPostings'),
    keepPostings: take('keepPostings'),
    addBitmap: take('addBitmap'),
    keepBitmap: take('keepBitmap'),
    countMembers: take('countMembers'),
    listMembers: take('listMembers'),
    countNewlines: take('countNewlines'),
    findNewline: take('findNewline'),
    findNeedle: take('findNeedle'),
  };
}

/** See trigrams.as.ts and lines.as.ts. */
export interface TrigramModule {
  markTrigrams(text: Address, length: number, bit: number): void;
  noteMarks(group: number, ends: Address): void;
  writeBucket(
    bucket: number,
    notes: Address,
    notesEnd: Address,
    records: Address,
    lists: Address,
    begin: number,
    scratch: Address,
    bitmapBytes: number,
  ): number;
  countNewlines(from: Address, end: Address): number;
  findNewline(from: Address, end: Address): Address;
}

export function loadTrigramModule(memory: WebAssembly.Memory): TrigramModule {
  const take = load('trigrams.wasm', memory);
  return {
    markTrigrams: take('markTrigrams'),
    noteMarks: take('noteMarks'),
    writeBucket: take('writeBucket'),
    countNewlines: take('countNewlines'),
    findNewline: take('findNewline'),
  };
}

type Exported = (...words: number[]) => number;

const compiled = new Map<string, WebAssembly.Module>();

/** The modules lie in `dist/`, for the sources too: `npm run build` makes them. */
function load(name: string, memory: WebAssembly.Memory): (name: string) => Exported {
  const module = compiled.get(name) ?? new WebAssembly.Module(readFileSync(join(packageFolder, 'dist', name)));
  compiled.set(name, module);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return (exported) => {
    const value = exports[exported];
    if (!isExported(value)) throw new Error(`${name} has no ${exported}.`);
    return value;
  };
}

function isExported(value: unknown): value is Exported {
  return typeof value === 'function';
}
