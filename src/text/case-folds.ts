/**
 * Letters that are equal without regard to case where upper and lower case do not lead from one to the other: the
 * classes of three and more, and single ones, of Unicode's simple case folding (CaseFolding.txt, status C and S). That
 * is what ripgrep has and what JavaScript has with the flags `iu`.
 */
const classes = (
  'Kk\u212a Ss\u017f \u00b5\u039c\u03bc \u00c5\u00e5\u212b \u00df\u1e9e \u01c4\u01c5\u01c6 \u01c7\u01c8\u01c9 \u01ca\u01cb\u01cc ' +
  '\u01f1\u01f2\u01f3 \u0345\u0399\u03b9\u1fbe \u0392\u03b2\u03d0 \u0395\u03b5\u03f5 \u0398\u03b8\u03d1\u03f4 \u039a\u03ba\u03f0 ' +
  '\u03a0\u03c0\u03d6 \u03a1\u03c1\u03f1 \u03a3\u03c2\u03c3 \u03a6\u03c6\u03d5 \u03a9\u03c9\u2126 \u0412\u0432\u1c80 ' +
  '\u0414\u0434\u1c81 \u041e\u043e\u1c82 \u0421\u0441\u1c83 \u0422\u0442\u1c84\u1c85 \u042a\u044a\u1c86 \u0462\u0463\u1c87 ' +
  '\u1c88\ua64a\ua64b \u1e60\u1e61\u1e9b \u1fb3\u1fbc \u1fc3\u1fcc \u1ff3\u1ffc'
).split(' ');
for (const start of [0x1f80, 0x1f90, 0x1fa0]) {
  for (let at = start; at < start + 8; at++) classes.push(String.fromCharCode(at, at + 8));
}

const byLetter = new Map(
  classes.flatMap((letters) => [...letters].map((letter): [string, string] => [letter, letters])),
);
/** Turkish letters have their own rules, which simple folding leaves out. */
const alone = new Set(['\u0130', '\u0131']);

/** The other letters that a letter is equal to without regard to case. */
export function otherCases(letter: string): string[] {
  if (alone.has(letter)) return [];
  const others = byLetter.get(letter)?.split('') ?? [letter.toLowerCase(), letter.toUpperCase()];
  return [...new Set(others)].filter((other) => other !== letter && [...other].length === 1);
}
