import { type Logger, pino } from 'pino';

export type Log = Logger;
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Names of fields whose values are credentials or user text; redacted at any of the depths that we log. */
const redactedFields = ['token', 'authorization', 'apiKey', 'key', 'password', 'secret', 'sessionId', 'cookie'];

/** Structured log lines (JSON, one a line) on stderr, since stdout belongs to the protocol. */
export function createLog(level: LogLevel): Log {
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
