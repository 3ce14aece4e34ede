import { estimateTokens } from '../text/estimate-tokens.ts';
import type { LikelyFile, Material, TokenShares } from './material.ts';

export interface FactsText {
  text: string;
  shares: TokenShares;
  /** Those that had room, with the lines of them that are shown. */
  files: Array<{ path: string; lines: number[] }>;
  documents: Array<{ path: string; lines: number }>;
}

const documentShare = 0.25;
const smallShare = 0.1;

/** The material as text within so many tokens: what is short first, then conventions, and files with all that is left. */
export function factsText(material: Material, budget: number): FactsText {
  const commands = section(
    'Commands',
    material.commands.map(({ run, calls }) => (calls ? `${run}: ${calls}` : run)),
    budget * smallShare,
  );
  const tickets = section(
    'Open tickets like it',
    material.tickets.map(({ id, status, title }) => `${id} (${status}): ${title}`),
    budget * smallShare,
  );
  const commits = section(
    'Last commits',
    material.commits.map(({ id, date, subject }) => `${id} ${date} ${subject}`),
    budget * smallShare,
  );
  const documents = documentsText(material, budget * documentShare);
  const left =
    budget - [commands, tickets, commits, documents.text].reduce((sum, text) => sum + estimateTokens(text), 0);
  const files = filesText(material.files, left);
  return {
    text: [files.text, commands, tickets, documents.text, commits].filter(Boolean).join('\n\n'),
    shares: {
      files: estimateTokens(files.text),
      documents: estimateTokens(documents.text),
      commands: estimateTokens(commands),
      tickets: estimateTokens(tickets),
      commits: estimateTokens(commits),
    },
    files: files.shown,
    documents: documents.shown,
  };
}

function section(title: string, lines: readonly string[], room: number): string {
  let left = room - estimateTokens(title);
  const kept = lines.filter((line) => {
    left -= estimateTokens(line) + 1;
    return left >= 0;
  });
  return kept.length === 0 ? '' : [`# ${title}`, ...kept].join('\n');
}

function documentsText({ documents }: Material, room: number): { text: string; shown: FactsText['documents'] } {
  const each = Math.floor((room / Math.max(1, documents.length)) * 4);
  const cutAt = documents.map(({ path, text }) => ({ path, text: text.slice(0, each).toWellFormed().trimEnd() }));
  const kept = cutAt.filter(({ text }) => text !== '');
  return {
    text: kept.map(({ path, text }) => `# ${path} begins\n${text}`).join('\n\n'),
    shown: kept.map(({ path, text }) => ({ path, lines: text.split('\n').length })),
  };
}

/** Declarations of a file, from many to none, until all files have room. */
const levels = [40, 20, 10, 5, 2, 0];

function filesText(files: readonly LikelyFile[], room: number): { text: string; shown: FactsText['files'] } {
  const title = '# Files that it may concern, the likeliest first';
  const level =
    levels.find((most) => files.reduce((sum, file) => sum + estimateTokens(fileText(file, most)), 0) < room) ?? 0;
  let left = room - estimateTokens(title);
  const kept = files.filter((file) => {
    left -= estimateTokens(fileText(file, level)) + 1;
    return left >= 0;
  });
  return {
    text: kept.length === 0 ? '' : [title, ...kept.map((file) => fileText(file, level))].join('\n'),
    shown: kept.map(({ path, declares }) => ({ path, lines: declares.slice(0, level).map(({ line }) => line) })),
  };
}

const mostLinks = 6;

function fileText(file: LikelyFile, mostDeclared: number): string {
  const { path, isNew, role, lines, score, purpose, why, declares } = file;
  if (isNew) return `${path} (not there yet; named by the caller)`;
  const more =
    declares.length > mostDeclared && mostDeclared > 0 ? [`    and ${declares.length - mostDeclared} more`] : [];
  return [
    `${path} (${role}, ${lines} lines, score ${score})${purpose ? `: ${purpose}` : ''}`,
    why.length > 0 ? `  why: ${why.join('; ')}` : '',
    ...declares.slice(0, mostDeclared).map(({ line, signature }) => `    ${line}\t${signature.slice(0, 160)}`),
    ...more,
    links('imports', file.imports),
    links('imported by', file.importedBy),
    links('tests', file.tests),
  ]
    .filter(Boolean)
    .join('\n');
}

function links(title: string, paths: readonly string[]): string {
  if (paths.length === 0) return '';
  const more = paths.length > mostLinks ? ` and ${paths.length - mostLinks} more` : '';
  return `  ${title}: ${paths.slice(0, mostLinks).join(', ')}${more}`;
}
