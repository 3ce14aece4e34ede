/** The first of the items, as many as fit into so many characters as JSON; but never fewer than `atLeast`. */
export function fitting<Item>(items: readonly Item[], maxCharacters: number, atLeast = 1): Item[] {
  let left = maxCharacters;
  return items.filter((item, index) => {
    left -= JSON.stringify(item).length + 1;
    return left >= 0 || index < atLeast;
  });
}
