export interface ThoughtEars {
  onText(text: string): void;
  onThought(text: string): void;
}

const openings = ['<think>', '<thinking>', '<thought>', '<reasoning>'];

/**
 * Parts an answer as it comes: what some models think aloud before it, in tags, and what they say. Only the little that may
 * become a tag is held back.
 */
export function splitThoughts({ onText, onThought }: ThoughtEars): { add(text: string): void; end(): void } {
  let held = '';
  let close = '';
  let step = opening;

  return {
    add(text) {
      held += text;
      for (let before: typeof step | undefined; before !== step; ) {
        before = step;
        step();
      }
    },
    end() {
      if (held !== '') (step === thinking ? onThought : onText)(held);
      held = '';
    },
  };

  function opening() {
    const start = held.trimStart();
    const opened = openings.find((tag) => start.startsWith(tag));
    if (opened !== undefined) {
      close = `</${opened.slice(1)}`;
      held = start.slice(opened.length);
      step = thinking;
    } else if (!openings.some((tag) => tag.startsWith(start))) step = speaking;
  }

  function thinking() {
    const at = held.indexOf(close);
    const thought = held.slice(0, at < 0 ? Math.max(0, held.length - close.length + 1) : at);
    if (thought !== '') onThought(thought);
    held = held.slice(at < 0 ? thought.length : at + close.length);
    if (at >= 0) step = beginning;
  }

  /** The empty lines after the thoughts are no part of the answer. */
  function beginning() {
    held = held.trimStart();
    if (held !== '') step = speaking;
  }

  function speaking() {
    if (held !== '') onText(held);
    held = '';
  }
}
