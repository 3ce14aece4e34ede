/** Tells the user of a command something, a line at a time. */
export type Say = (line: string) => void;
