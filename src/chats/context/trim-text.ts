import { charactersPerToken, estimateTokens } from '../../text/estimate-tokens.ts';

/** The head and the tail of a long text, of about so many tokens, with how much is missing between them. */
export function trimmed(text: string, maxTokens: number): string {
  if (estimateTokens(text) <= maxTokens) return text;
  const perCharacter = estimateTokens(text) / text.length; // text of Asia has more tokens to a character
  const room = Math.max(0, Math.floor((maxTokens - markerTokens) / perCharacter));
  const head = Math.ceil(room / 2);
  const tail = room - head;
  const start = text.slice(0, head).toWellFormed();
  const end = tail > 0 ? text.slice(-tail).toWellFormed() : '';
  return `${start}\n[… ${text.length - room} characters left out …]\n${end}`;
}

const markerTokens = Math.ceil('\n[… 1000000000 characters left out …]\n'.length / charactersPerToken);
