import { visibleLine } from '../text/clean.ts';
import { counted, formatBytes } from '../text/count.ts';
import type { FileSummary, FolderSummary, Summary } from './summary.ts';

/** A summary as lines to read, with the facts of its data. */
export function describeSummary(summary: Summary): string {
  switch (summary.kind) {
    case 'error':
      return `${visibleLine(summary.path)}: ${summary.error}`;
    case 'folder':
      return describeFolder(summary);
    default:
      return describeFile(summary);
  }
}

function describeFile(file: FileSummary): string {
  const facts = [
    file.language,
    file.lines !== undefined && counted(file.lines, 'line'),
    formatBytes(file.bytes),
    file.tokens !== undefined && `about ${file.tokens} tokens`,
    file.imported_by !== undefined && `imported by ${file.imported_by}`,
    file.mode === 'model' && 'by a model',
  ];
  return [
    `${visibleLine(file.path)} (${facts.filter(Boolean).join(', ')})`,
    file.purpose,
    ...(file.responsibilities ?? []).map((each) => `  - ${each}`),
    ...(file.exports ?? []).map(({ line, signature, members, about }) => {
      const parts = members ? `: ${members.join(', ')}` : '';
      return `  ${line}\t${visibleLine(signature)}${parts}${about ? ` (${about})` : ''}`;
    }),
    file.more_exports ? `  and ${file.more_exports} more` : '',
    list(
      'Also',
      file.api?.map(({ name, about }) => (about ? `${name} (${about})` : name)),
      '; ',
    ),
    list('Headings', file.headings, '; '),
    list('Beware', file.gotchas, '; '),
    list('Depends on', file.depends_on),
    list('Imports', file.imports),
    list('Uses', file.uses),
    list('Notes', file.notes),
    leftOut(file.dropped_names),
  ]
    .filter(Boolean)
    .join('\n');
}

function describeFolder(folder: FolderSummary): string {
  const facts = [counted(folder.files, 'file'), formatBytes(folder.bytes), `about ${folder.tokens} tokens`];
  if (folder.mode === 'model') facts.push('by a model');
  const name = folder.path === '.' ? 'The project' : `${visibleLine(folder.path)}/`;
  return [
    `${name} (${facts.join(', ')})`,
    folder.purpose,
    ...(folder.responsibilities ?? []).map((each) => `  - ${each}`),
    list('Languages', folder.languages),
    list('Beware', folder.gotchas, '; '),
    list('Central', folder.central),
    ...(folder.folders ?? []).map(({ path, files, purpose }) => {
      return `  ${visibleLine(path)}/ (${files})${purpose ? `: ${purpose}` : ''}`;
    }),
    ...(folder.own_files ?? []).map(({ path, purpose }) => `  ${visibleLine(path)}${purpose ? `: ${purpose}` : ''}`),
    folder.more_files ? `  and ${counted(folder.more_files, 'more file', 'more files')}` : '',
    list('Notes', folder.notes),
    leftOut(folder.dropped_names),
  ]
    .filter(Boolean)
    .join('\n');
}

function leftOut(dropped: number | undefined): string {
  return dropped ? `Left out of what the model said, as unknown here: ${counted(dropped, 'name')}.` : '';
}

function list(title: string, items: readonly string[] | undefined, between = ', '): string {
  return items && items.length > 0 ? `${title}: ${items.map(visibleLine).join(between)}` : '';
}
