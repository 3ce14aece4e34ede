/** Raw protocol messages, for measurements in which a client library would count too. */

export const modernVersion = '2026-07-28';
const legacyVersion = '2025-11-25';
const clientInfo = { name: 'octant-bench', version: '1.0.0' };

export type Era = '2025' | '2026';

interface Message {
  jsonrpc: '2.0';
  id?: number | string;
  method: string;
  params?: Record<string, unknown>;
}

/** A request as the era wants it: the modern one says with each request who asks and in which version. */
export function request(era: Era, id: number | string, method: string, params: Record<string, unknown> = {}): Message {
  return { jsonrpc: '2.0', id, method, params: era === '2026' ? { ...params, _meta: envelope } : params };
}

export const initialize: Message = {
  jsonrpc: '2.0',
  id: 'initialize',
  method: 'initialize',
  params: { protocolVersion: legacyVersion, capabilities: {}, clientInfo },
};

export const initialized: Message = { jsonrpc: '2.0', method: 'notifications/initialized' };

const envelope = {
  'io.modelcontextprotocol/protocolVersion': modernVersion,
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
};

const bothTypes = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** The HTTP headers of one modern request; `name` is the tool's. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  const headers = { ...bothTypes, 'mcp-protocol-version': modernVersion, 'mcp-method': method };
  return name === undefined ? headers : { ...headers, 'mcp-name': name };
}

/** Opens a session of the 2025 era and returns the headers of its requests. */
export async function openSession(url: string): Promise<Record<string, string>> {
  const opened = await post(url, bothTypes, initialize);
  const headers = {
    ...bothTypes,
    'mcp-protocol-version': legacyVersion,
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
  };
  await post(url, headers, initialized);
  return headers;
}

export async function post(url: string, headers: Record<string, string>, message: Message) {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(message) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${message.method} at ${url} was answered with ${response.status}: ${text}`);
  return { headers: response.headers, text };
}
