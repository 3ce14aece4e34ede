import { request as nodeRequest } from 'node:http';
import { connect as netConnect } from 'node:net';

export interface RawResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  ms: number;
}

export interface RawRequest {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** One request with just these headers; `fetch` would not send a Host or an Origin of the caller's choice. */
export function sendRequest(
  url: string,
  { method = 'POST', path, headers = {}, body }: RawRequest,
): Promise<RawResponse> {
  const { hostname, port, pathname } = new URL(url);
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const request = nodeRequest(
      { hostname, port, path: path ?? pathname, method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, ms: performance.now() - start });
        });
        response.once('error', reject);
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

export const jsonHeaders = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };

const modernVersion = '2026-07-28';

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': modernVersion,
  'io.modelcontextprotocol/clientInfo': { name: 'octant-tests', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** The headers that a modern request repeats from its body. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  const named = name === undefined ? {} : { 'Mcp-Name': name };
  return { ...jsonHeaders, 'MCP-Protocol-Version': modernVersion, 'Mcp-Method': method, ...named };
}

export function modernBody(method: string, params: object = {}, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: modernMeta } });
}

/** What came back on a bare connection, and how long it stayed open. */
export interface RawConnection {
  text: string;
  ms: number;
}

/** Opens a connection, lets `talk` write to it, and waits until the server ends it. */
export function converse(url: string, talk: (write: (bytes: string) => void) => void): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const start = performance.now();
  return new Promise((resolve) => {
    let text = '';
    const socket = netConnect(Number(port), hostname, () => talk((bytes) => void socket.write(bytes)));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {}); // a reset is an answer too
    socket.once('close', () => resolve({ text, ms: performance.now() - start }));
  });
}
