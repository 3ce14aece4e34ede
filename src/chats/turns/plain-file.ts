import type { SentFile } from '../../models/question.ts';

/** As it is kept with a message. */
export function plainFile({ ranges, ...file }: SentFile) {
  return { ...file, ...(ranges && { ranges: [...ranges] }) };
}
