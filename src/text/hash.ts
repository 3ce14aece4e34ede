/** FNV-1a of the UTF-16 units, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
