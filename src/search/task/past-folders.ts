/** How much of what resembles the task happened in each folder, 1 for the one with most. */
export function pastFolders(past: ReadonlyMap<string, { score: number }>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [path, { score }] of past) {
    const folder = folderOf(path);
    sums.set(folder, (sums.get(folder) ?? 0) + score ** 2);
  }
  const most = [...sums.values()].reduce((a, b) => Math.max(a, b), 0);
  return new Map([...sums].map(([folder, sum]) => [folder, Math.sqrt(sum / most)]));
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
