import type { FolderSurvey } from '../search/outlines/folder-survey.ts';
import { cut } from '../text/cut.ts';
import { charactersPerToken } from '../text/estimate-tokens.ts';
import type { Detail, FolderSummary } from './summary.ts';

const most = {
  brief: { folders: 8, files: 0, purpose: 100 },
  normal: { folders: 30, files: 24, purpose: 140 },
  full: { folders: 30, files: 24, purpose: 280 },
} as const;

/** Longest purpose of a part. */
export function mostPurpose(detail: Detail): number {
  return most[detail].purpose;
}

/** What a folder and its parts tell, without a model: figures, and the purposes of what lies in it. */
export function folderSummary(survey: FolderSurvey, central: readonly string[], detail: Detail): FolderSummary {
  const limit = most[detail];
  const { files, bytes, purpose, parts, own, otherFiles } = survey;
  const shortened = <Part extends { purpose: string }>(part: Part) => ({
    ...part,
    purpose: cut(part.purpose, limit.purpose),
  });
  const folders = parts.slice(0, limit.folders).map(shortened);
  const ownFiles = own.slice(0, limit.files).map(shortened);
  const more = otherFiles + own.length - ownFiles.length;
  return {
    kind: 'folder',
    path: survey.path || '.',
    mode: 'offline',
    files,
    bytes,
    tokens: Math.ceil(bytes / charactersPerToken),
    languages: survey.languages.slice(0, 6).map(({ name, files }) => `${name} ${files}`),
    purpose,
    ...(central.length > 0 && { central: [...central] }),
    ...(folders.length > 0 && { folders }),
    ...(ownFiles.length > 0 && { own_files: ownFiles }),
    ...(more > 0 && { more_files: more }),
    ...(files === 0 && { notes: ['no files: it is empty or ignored'] }),
  };
}
