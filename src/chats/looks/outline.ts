import { cut } from '../../text/cut.ts';
import { fitting } from '../../text/fitting.ts';
import type { TreeLine } from './tree.ts';

const previewCharacters = 80;
const headsCharacters = 300;

export type LineView = ReturnType<typeof lineView>;

export function lineView(line: TreeLine) {
  const all = line.heads.map(({ branch, head }) => `${branch} #${head}`);
  const heads = fitting(all, headsCharacters);
  return {
    ...{ from: line.from, to: line.to, count: line.count, depth: line.depth, role: line.role },
    ...(line.parent !== undefined && { parent: line.parent }),
    ...(line.parentLine !== undefined && { line: line.parentLine }),
    preview: cut(line.start.replace(/\s+/g, ' ').trim(), previewCharacters),
    ...(heads.length > 0 && { heads }),
    ...(heads.length < all.length && { more_heads: all.length - heads.length }),
  };
}

/** Lines below the one that they go on from. One whose own line is on another page stands by itself. */
export function outlineOf(lines: readonly LineView[]): string {
  const shown = new Set(lines.map(({ from }) => from));
  const below = (line: number | undefined) =>
    lines.filter(({ line: parent }) => (parent !== undefined && shown.has(parent) ? parent : undefined) === line);
  const rows: string[] = [];
  const waiting = below(undefined)
    .reverse()
    .map((line) => ({ line, level: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    rows.push(`${'  '.repeat(Math.min(next.level, 20))}${describeLine(next.line)}`);
    const { line, level } = next;
    waiting.push(
      ...below(line.from)
        .reverse()
        .map((child) => ({ line: child, level: level + 1 })),
    );
  }
  return rows.join('\n');
}

function describeLine({ from, to, count, parent, role, preview, heads, more_heads: more }: LineView): string {
  const span = from === to ? `#${from}` : `#${from} to #${to}, ${count} messages`;
  const start = parent === undefined ? '' : `after #${parent}: `;
  return `${start}${span}: ${role}: ${preview || '(deleted)'}${heads ? ` [${heads.join(', ')}${more ? `, ${more} more` : ''}]` : ''}`;
}

/** The same as a graph of Mermaid: its first lines, as many as fit into so many characters as JSON. */
export function mermaidOf(lines: readonly LineView[], most: number): { count: number; graph: string } {
  const shown = new Set(lines.map(({ from }) => from));
  const drawn = lines.map(({ from, to, line, parent, preview, heads, more_heads: more }) => {
    const span = from === to ? `${from}` : `${from} to ${to}`;
    const label = [span, preview, ...(heads ?? []), more && `${more} more`].filter(Boolean).join(' · ');
    const edge = line !== undefined && shown.has(line) ? `\n  m${line} -->|after ${parent}| m${from}` : '';
    return `  m${from}["${escaped(label)}"]${edge}`;
  });
  const fit = fitting(drawn, most);
  return { count: fit.length, graph: ['graph TD', ...fit].join('\n') };
}

/** Mermaid reads `#quot;` as a quote; what else could end a label or begin a tag is left out. */
function escaped(label: string): string {
  return label
    .replace(/[#;]/g, ' ')
    .replaceAll('"', '#quot;')
    .replace(/[<>`\\[\]{}|]/g, ' ');
}
