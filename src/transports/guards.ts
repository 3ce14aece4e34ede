import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is turned away, before its body is read. */
export interface Refusal {
  status: number;
  message: string;
  headers?: Record<string, string>;
}

export interface GuardOptions {
  port: number;
  /** Further Host headers, as `name:port`, or as `name` for ours and for those of a proxy in front of us. */
  allowHost: readonly string[];
  /** Further browser origins, exactly as browsers send them. */
  allowOrigin: readonly string[];
  token: string | undefined;
}

export type Guard = (request: IncomingMessage) => Refusal | undefined;

/**
 * Checks where a request says it goes to and comes from, by exact comparison, so that no page in a browser can reach
 * the server through DNS rebinding (MCP specification, transports, security warning; CVE-2025-66414), then the token.
 */
export function createGuard({ port, allowHost, allowOrigin, token }: GuardOptions): Guard {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  const named = allowHost.flatMap((name) =>
    hasPort(name) ? [name] : [name, ...[port, 80, 443].map((each) => `${name}:${each}`)],
  );
  const hosts = new Set([...loopback.flatMap((name) => withPort(name, port)), ...named].map(lower));
  const origins = new Set(
    [...loopback.flatMap((name) => withPort(name, port)).map((host) => `http://${host}`), ...allowOrigin].map(lower),
  );

  return ({ headers, headersDistinct, method }) => {
    if (headersDistinct.host?.length !== 1 || !hosts.has(lower(headers.host ?? ''))) {
      return { status: 403, message: 'This Host is not allowed. The operator can allow it with --allow-host.' };
    }
    if (headers.origin !== undefined && !origins.has(lower(headers.origin))) {
      return { status: 403, message: 'This Origin is not allowed. The operator can allow it with --allow-origin.' };
    }
    // Browsers send no credentials with a preflight (Fetch standard, CORS-preflight fetch).
    if (token !== undefined && method !== 'OPTIONS' && !hasToken(headers.authorization, token)) {
      const headers = { 'WWW-Authenticate': 'Bearer realm="octant"' };
      return { status: 401, message: 'A bearer token is needed: "Authorization: Bearer ...".', headers };
    }
    return undefined;
  };
}

function hasPort(name: string): boolean {
  return /[^:]:\d+$|\]:\d+$/.test(name);
}

/** Browsers leave the port out when it is 80. */
function withPort(name: string, port: number): string[] {
  return port === 80 ? [name, `${name}:80`] : [`${name}:${port}`];
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** Takes the same time whatever the caller sent, but for its length. */
function hasToken(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
