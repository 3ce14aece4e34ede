import { cut } from '../text/cut.ts';
import type { StoredSummary } from './model-answer.ts';
import type { Detail, FileSummary, FolderSummary } from './summary.ts';
import type { Told } from './with-model.ts';

/** A summary with what a model tells, beside the facts that need none. */
export function addToFile(file: FileSummary, stored: StoredSummary | undefined, detail: Detail): FileSummary {
  if (!stored) return file;
  const { answer, dropped } = stored;
  const about = new Map(answer.api.map((each) => [each.name, each.about]));
  const exports = file.exports?.map((each) => {
    const name = [...about.keys()].find((known) => about.get(known) !== '' && isNamed(each.signature, known));
    const said = name === undefined ? undefined : about.get(name);
    if (name !== undefined) about.delete(name);
    return { ...each, ...(said && { about: said }) };
  });
  const api = [...about].map(([name, said]) => ({ name, about: said }));
  const notes = [...(file.notes ?? []), ...stored.notes];
  return {
    ...file,
    mode: 'model',
    purpose: answer.purpose || file.purpose,
    ...(detail !== 'brief' && {
      ...listed('responsibilities', answer.responsibilities),
      ...(exports && { exports }),
      ...(api.length > 0 && { api }),
      ...listed('gotchas', answer.gotchas),
      ...listed('depends_on', answer.depends_on),
    }),
    ...(notes.length > 0 && { notes }),
    ...(dropped > 0 && { dropped_names: dropped }),
  };
}

/** The parts of a folder have the purposes that a model gave them, even where the whole has none yet. */
export function addToFolder(folder: FolderSummary, path: string, told: Told, most: number): FolderSummary {
  const purposeOf = (from: Told['files'], name: string) => from.get(name)?.answer.purpose;
  const folders = folder.folders?.map((part) => {
    return { ...part, purpose: cut(purposeOf(told.folders, part.path) || part.purpose, most) };
  });
  const ownFiles = folder.own_files?.map((part) => {
    return { ...part, purpose: cut(purposeOf(told.files, part.path) || part.purpose, most) };
  });
  const stored = told.folders.get(path);
  const parts = { ...folder, ...(folders && { folders }), ...(ownFiles && { own_files: ownFiles }) };
  if (!stored) return parts;
  const { answer, dropped } = stored;
  return {
    ...parts,
    mode: 'model',
    purpose: answer.purpose || folder.purpose,
    ...listed('responsibilities', answer.responsibilities),
    ...listed('gotchas', answer.gotchas),
    ...(dropped > 0 && { dropped_names: dropped }),
  };
}

function listed<Name extends string>(name: Name, items: readonly string[]) {
  return items.length > 0 ? { [name]: [...items] } : {};
}

function isNamed(signature: string, name: string): boolean {
  const at = signature.indexOf(name);
  return at >= 0 && !/[\w$]/.test(signature[at - 1] ?? '') && !/[\w$]/.test(signature[at + name.length] ?? '');
}
