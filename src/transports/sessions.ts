import { randomUUID } from 'node:crypto';
import {
  isInitializeRequest,
  isJSONRPCRequest,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Log } from '../log.ts';
import { cancelledId } from './listened.ts';

/**
 * The sessions of 2025-era clients. The modern handler has none; without them these clients would lose cancellation,
 * notifications and elicitation, since each of their requests would meet a new server.
 */
export interface Sessions {
  /** @param ended resolves when the response was written or its connection closed. */
  handle(request: Request, body: unknown, ended: Promise<void>): Promise<Response>;
  count(): number;
  closeAll(): Promise<void>;
}

export interface SessionLimits {
  maxSessions: number;
  /** Without any request for this long, in milliseconds, a session ends. */
  idleMs: number;
  /**
   * A 2025 session outlives its streams, so a client that died would leave its calls running. When the last stream
   * has been closed for this long while a call still ran, the session and its calls end.
   */
  orphanMs: number;
}

export const defaultLimits: SessionLimits = { maxSessions: 200, idleMs: 30 * 60_000, orphanMs: 30_000 };

interface Session {
  transport: WebStandardStreamableHTTPServerTransport;
  server: McpServer;
  openStreams: number;
  /** Ids of the calls that run. */
  running: Set<string | number>;
  timer?: NodeJS.Timeout;
}

export function createSessions(
  createServer: () => McpServer,
  log: Log,
  limits: SessionLimits = defaultLimits,
): Sessions {
  const sessions = new Map<string, Session>();

  return {
    async handle(request, body, ended) {
      const id = request.headers.get('mcp-session-id');
      if (id === null)
        return isOpening(body)
          ? open(request, body, ended)
          : refuse(400, 'Mcp-Session-Id is missing. Initialize first.');
      const session = sessions.get(id);
      return session
        ? serve(id, session, request, body, ended)
        : refuse(404, 'This session is not known, or has ended.');
    },
    count: () => sessions.size,
    async closeAll() {
      await Promise.all([...sessions.keys()].map(end));
    },
  };

  async function open(request: Request, body: unknown, ended: Promise<void>): Promise<Response> {
    if (sessions.size >= limits.maxSessions) await endIdlest();
    if (sessions.size >= limits.maxSessions) {
      return refuse(503, 'Too many sessions are open. Try again later.', { 'Retry-After': '30' });
    }
    const id = randomUUID();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      onsessionclosed: () => end(id),
    });
    const server = createServer();
    await server.connect(transport);
    const session: Session = { transport, server, openStreams: 0, running: new Set() };
    noteAnswers(session, () => startTimer(id, session));
    const response = await serve(id, session, request, body, ended);
    if (!response.ok) await end(id); // a malformed handshake opens nothing
    return response;
  }

  /** Clients forget to end their sessions; one that nobody uses gives way to a new one. The map is in order of use. */
  async function endIdlest(): Promise<void> {
    const idlest = [...sessions].find(([, { openStreams, running }]) => openStreams === 0 && running.size === 0);
    if (idlest) await end(idlest[0]);
  }

  async function serve(id: string, session: Session, request: Request, body: unknown, ended: Promise<void>) {
    sessions.delete(id);
    sessions.set(id, session); // last in order of use
    session.openStreams++;
    clearTimeout(session.timer);
    const calls = noteCalls(session, body);
    void ended.then(() => {
      session.openStreams--;
      startTimer(id, session);
    });
    const response = await session.transport.handleRequest(request, { parsedBody: body });
    if (!response.ok) for (const call of calls) session.running.delete(call); // refused, so no answer will follow
    return response;
  }

  /** Once nobody listens any more, a session has so long to live, and less while a call still runs. */
  function startTimer(id: string, session: Session) {
    clearTimeout(session.timer);
    if (session.openStreams > 0 || !sessions.has(id)) return;
    const wait = session.running.size > 0 ? limits.orphanMs : limits.idleMs;
    session.timer = setTimeout(() => void end(id), wait).unref();
  }

  async function end(id: string): Promise<void> {
    const session = sessions.get(id);
    if (!session) return;
    sessions.delete(id);
    clearTimeout(session.timer);
    await session.server.close().catch((error) => log.warn({ err: error }, 'a session did not close'));
  }
}

function isOpening(body: unknown): boolean {
  return Array.isArray(body) ? body.some(isInitializeRequest) : isInitializeRequest(body);
}

/** Returns the ids of the calls that the body opens. */
function noteCalls({ running }: Session, body: unknown): Array<string | number> {
  const calls: Array<string | number> = [];
  for (const message of [body].flat()) {
    if (isJSONRPCRequest(message)) calls.push(message.id);
    const cancelled = cancelledId(message);
    if (cancelled !== undefined) running.delete(cancelled);
  }
  for (const call of calls) running.add(call);
  return calls;
}

/** Every answer passes here, also one whose stream is gone. */
function noteAnswers({ running, transport }: Session, onAnswer: () => void) {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if ('id' in message && message.id !== undefined && !('method' in message) && running.delete(message.id)) onAnswer();
    return send(message, options);
  };
}

function refuse(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }, { status, headers });
}
