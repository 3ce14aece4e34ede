const wide = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/g;

/** Of what is not Chinese, Japanese or Korean; for budgets and sizes of which no text is at hand. */
export const charactersPerToken = 4;

/**
 * About how many tokens a model sees in a text, for models whose own count is not to be had: one for each character of
 * Chinese, Japanese and Korean, one for each four of the others.
 */
export function estimateTokens(text: string): number {
  const wideOnes = text.match(wide)?.length ?? 0;
  return wideOnes + Math.ceil((text.length - wideOnes) / charactersPerToken);
}
