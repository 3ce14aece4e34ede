/** What a server costs that has nothing of its own: the SDK, one tool, stdio. */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createEchoServer } from './echo.ts';

serveStdio(createEchoServer);
