import { Writable } from 'node:stream';

/**
 * Takes stdout for the protocol: from here on, whatever else writes to it (a print of a dependency, a worker
 * thread) goes to stderr instead. Call it once, before anything can print.
 *
 * @returns the stream that still reaches stdout
 */
export function claimStdout(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  const protocol = new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, _encoding, done) => void write(chunk, (error) => done(error)),
  });
  stdout.on('error', (error) => protocol.destroy(error)); // EPIPE: the client has gone
  return protocol;
}
