import { randomUUID } from 'node:crypto';

let lastTime = 0;
let counter = 0;

/**
 * A UUID version 7 (RFC 9562 section 5.7): milliseconds first, so that ids sort by time. Ids made by one process within
 * a millisecond count up in the 12 bits after it (method 1 of section 6.2), and a clock that is set back does not take
 * them back.
 */
export function timeId(now = Date.now()): string {
  counter = now > lastTime ? 0 : counter + 1;
  lastTime = Math.max(now, lastTime);
  if (counter > 0xfff) {
    counter = 0;
    lastTime++;
  }
  const time = lastTime.toString(16).padStart(12, '0');
  const tail = randomUUID().slice(19); // the variant, and 62 random bits
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${tail}`;
}
