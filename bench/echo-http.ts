/**
 * Serves the echo tool over HTTP and prints where: `octant` with Octant's own host, `bare` with the SDK alone, that is
 * without checks of Host, Origin or size, and without counting sessions.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import {
  type NodeIncomingMessageLike,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createLog } from '../src/log.ts';
import { serveHttp } from '../src/transports/http.ts';
import { createEchoServer } from './echo.ts';

const urls = process.argv[2] === 'octant' ? await serveWithOctant() : await serveBare();
process.stdout.write(`${JSON.stringify(urls)}\n`);

async function serveWithOctant() {
  const { url } = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    allowHost: [],
    allowOrigin: [],
    token: undefined,
    createServer: createEchoServer,
    log: createLog('error'),
  });
  return { modern: url, session: url };
}

async function serveBare() {
  const modern = toNodeHandler(createMcpHandler(createEchoServer, { legacy: 'reject' }));
  const session = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await createEchoServer().connect(session);
  const server = createServer((request, response) => {
    if (request.url === '/session') void session.handleRequest(request, response);
    // its own types do not allow for exactOptionalPropertyTypes
    else void modern(request as NodeIncomingMessageLike, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return { modern: `${base}/mcp`, session: `${base}/session` };
}
