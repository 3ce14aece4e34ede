const scopes = ['call', 'run', 'day', 'project'] as const;
const kinds = ['cost', 'tokens'] as const;

/** The most that may be spent on models, as the operator has said. */
export interface SpendingCap {
  /** `project` is a project's share of a day. */
  scope: (typeof scopes)[number];
  /** US dollars, or tokens of questions and answers together. */
  kind: (typeof kinds)[number];
  most: number;
}

/** `SCOPE.KIND=NUMBER` */
export const capForm = new RegExp(`^(${scopes.join('|')})\\.(${kinds.join('|')})=\\d{1,12}(\\.\\d{1,6})?$`);

export function readCaps(entries: readonly string[]): SpendingCap[] {
  return entries.flatMap((entry) => {
    const [name = '', most] = entry.split('=');
    const [scope, kind] = [scopes.find((each) => name.startsWith(each)), kinds.find((each) => name.endsWith(each))];
    return scope && kind ? { scope, kind, most: Number(most) } : [];
  });
}
