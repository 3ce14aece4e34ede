import type { FileOutline } from '../search/outlines/file-outline.ts';
import type { OutlinedFile } from '../search/outlines/outline-files.ts';
import { documentKinds, isValue, type OutlinedSymbol } from '../search/outlines/symbols.ts';
import type { FileLinks } from '../search/task/link-files.ts';
import { cut } from '../text/cut.ts';
import type { Detail, FileSummary, Unsummarized } from './summary.ts';

/** How much of each a summary has. */
const most = {
  brief: { exports: 0, members: 0, links: 0, headings: 0 },
  normal: { exports: 14, members: 10, links: 8, headings: 10 },
  full: { exports: 80, members: 40, links: 40, headings: 60 },
} as const;

/** What the outline of a file and its links tell, without a model. */
export function outlineSummary(
  file: OutlinedFile,
  links: FileLinks | undefined,
  detail: Detail,
): FileSummary | Unsummarized {
  const { path } = file;
  if (file.state === 'error') return { kind: 'error', path, error: `${file.code}: ${file.message}` };
  const about = { kind: 'file', path, mode: 'offline', bytes: file.bytes } as const;
  if (file.state === 'binary') return { ...about, purpose: '', notes: ['binary'] };
  const { outline } = file;
  const notes = file.isCut ? [...outline.notes, 'only its beginning was read'] : outline.notes;
  return {
    ...about,
    ...(outline.language && { language: outline.language }),
    lines: outline.lines,
    tokens: outline.tokens,
    purpose: outline.purpose,
    ...(detail !== 'brief' && { ...partsOf(outline, detail), ...linksOf(links, outline, detail) }),
    ...(notes.length > 0 && { notes }),
  };
}

function partsOf({ symbols }: FileOutline, detail: Detail) {
  const limit = most[detail];
  const headings = symbols.filter(({ kind, name }) => kind === 'heading' && name !== '');
  const code = symbols.filter(({ kind }) => !documentKinds.has(kind));
  const offered = code.filter(({ isOffered }) => isOffered);
  const main = code.filter(({ kind }) => !isValue(kind));
  const inner = main.length > 0 && detail !== 'full' ? main : code;
  const told = offered.length > 0 ? offered : inner;
  const shown = told.slice(0, limit.exports);
  return {
    ...(shown.length > 0 && { exports: shown.map((symbol) => exportOf(symbol, limit.members)) }),
    ...(told.length > shown.length && { more_exports: told.length - shown.length }),
    ...(headings.length > 0 && { headings: headings.slice(0, limit.headings).map(({ name }) => cut(name, 80)) }),
  };
}

function exportOf({ line, signature, members }: OutlinedSymbol, mostMembers: number) {
  const shown = members.slice(0, mostMembers);
  const rest = members.length > shown.length ? [`${members.length - shown.length} more`] : [];
  return { line, signature: cut(signature, 160), ...(shown.length > 0 && { members: [...shown, ...rest] }) };
}

function linksOf(links: FileLinks | undefined, { imports, path }: FileOutline, detail: Detail) {
  const limit = most[detail].links;
  const within = (names: readonly string[]) => {
    return names.length > limit ? [...names.slice(0, limit), `${names.length - limit} more`] : [...names];
  };
  const external = links?.external ?? imports.filter((name) => !name.startsWith('.'));
  const packages = [...new Set(external.map((name) => packageOf(name, path)))].filter((name) => !isOwn.test(name));
  return {
    ...(links && links.imports.length > 0 && { imports: within(links.imports) }),
    ...(packages.length > 0 && { uses: within(packages) }),
    ...(links?.importedBy && { imported_by: links.importedBy.length }),
  };
}

/** What Rust calls the parts of its own package. */
const isOwn = /^(?:crate|super|self)$/;

/** Of what a language imports by parts of a package only the package is told. */
function packageOf(name: string, path: string): string {
  if (/\.rs$/.test(path)) return name.replace(/^::/, '').split('::')[0] ?? name;
  if (/\.pyi?$/.test(path)) return name.split('.')[0] ?? name;
  if (!/\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/.test(path) || /^\w+:/.test(name)) return name;
  return /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
}
