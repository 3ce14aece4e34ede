import type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

type Severity = 'fatal' | 'error' | 'warn' | 'info' | 'debug';

/** One line of JSON a call, on stderr, since stdout belongs to the protocol. Fields first, then what happened. */
export type Log = { [Name in Severity]: (fields: object, message: string) => void };

/** The log of the whole program, which must not end with lines that wait for pino. */
export interface ProgramLog extends Log {
  written(): Promise<void>;
}

/** Names of fields whose values are credentials or user text; redacted at any of the depths that we log. */
const redactedFields = ['token', 'authorization', 'apiKey', 'key', 'password', 'secret', 'sessionId', 'cookie'];

/** pino is loaded with the first line: most servers that a client starts never write one. */
export function createLog(level: LogLevel): ProgramLog {
  let logger: Promise<Logger> | undefined;

  const write = (severity: Severity) => (fields: object, message: string) => {
    if (logLevels.indexOf(severity) > logLevels.indexOf(level) || level === 'silent') return;
    logger ??= loadLogger(level);
    logger.then(
      (loaded) => loaded[severity](fields, message),
      // a new version was installed over this one; the fields stay out, since nothing redacts them
      () => process.stderr.write(`octant: ${severity}: ${JSON.stringify(message)}\n`),
    );
  };
  return {
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    async written() {
      await logger?.catch(() => {});
    },
  };
}

async function loadLogger(level: LogLevel): Promise<Logger> {
  const { default: pino } = await import('pino'); // all that a bundle keeps of a CommonJS package in a file of its own
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: redactedFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      hooks: { streamWrite: escapeInvisible },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/**
 * JSON escapes the ASCII control characters; this adds DEL, C1, and the characters that reorder or hide text, so that
 * a file name cannot forge what a reader of the log sees (CVE-2025-58160).
 */
function escapeInvisible(line: string): string {
  return line.replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
