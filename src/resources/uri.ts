/** What an `octant://` URI names. */
export type Target =
  | { kind: 'overview' | 'tree'; project: string }
  | { kind: 'file'; project: string /** POSIX, relative to the project's root, not yet checked. */; path: string };

const maxUriLength = 8192;

/**
 * Reads a URI. Each part is percent-decoded exactly once (RFC 3986 section 2.4), so that `%252e` stays `%2e`.
 * Anything that is no URI of ours is `undefined`.
 */
export function parseUri(uri: string): Target | undefined {
  if (uri.length > maxUriLength) return undefined;
  const match = /^octant:\/\/projects\/([^/?#]+)\/(?:(overview|tree)|files\/([^?#]+))$/.exec(uri);
  const project = decode(match?.[1]);
  if (!match || project === undefined) return undefined;
  if (match[2] === 'overview' || match[2] === 'tree') return { kind: match[2], project };
  const path = decode(match[3]);
  return path === undefined ? undefined : { kind: 'file', project, path };
}

export function formatUri(target: Target): string {
  const base = `octant://projects/${encodeURIComponent(target.project)}`;
  if (target.kind !== 'file') return `${base}/${target.kind}`;
  return `${base}/files/${target.path.split('/').map(encodeURIComponent).join('/')}`;
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
