/** What is told of a file or a folder, with a model and without. */
export type Summary = FileSummary | FolderSummary | Unsummarized;

export type Mode = 'offline' | 'model';
export type Detail = 'brief' | 'normal' | 'full';

export interface FileSummary {
  kind: 'file';
  path: string;
  mode: Mode;
  language?: string;
  lines?: number;
  bytes: number;
  /** About so many tokens to read it whole. */
  tokens?: number;
  purpose: string;
  responsibilities?: string[];
  /** What others use of it, by line. */
  exports?: Array<{ line: number; signature: string; members?: string[]; about?: string }>;
  /** How many more of these there are. */
  more_exports?: number;
  /** What else a model takes for what others use. */
  api?: Array<{ name: string; about: string }>;
  headings?: string[];
  gotchas?: string[];
  /** What it cannot do without, as a model sees it. */
  depends_on?: string[];
  /** Files of the project. */
  imports?: string[];
  /** Packages and what else is not in the project. */
  uses?: string[];
  imported_by?: number;
  notes?: string[];
  /** Names that the model gave and the file has not; what held them was left out. */
  dropped_names?: number;
}

export interface FolderSummary {
  kind: 'folder';
  /** `.` is the project. */
  path: string;
  mode: Mode;
  files: number;
  bytes: number;
  tokens: number;
  languages: string[];
  purpose: string;
  responsibilities?: string[];
  gotchas?: string[];
  /** The files that most others build on. */
  central?: string[];
  folders?: Array<{ path: string; files: number; purpose: string }>;
  own_files?: Array<{ path: string; purpose: string }>;
  more_files?: number;
  notes?: string[];
  dropped_names?: number;
}

export interface Unsummarized {
  kind: 'error';
  path: string;
  error: string;
}
