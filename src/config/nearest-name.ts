// "Did you mean …?": the known name that is nearest to a mistyped one.

/** The nearest of `known`, or none when nothing is near enough to be worth naming. */
export const nearestName = <N extends string>(name: string, known: readonly N[]): N | undefined => {
  const wanted = name.toLowerCase().slice(0, 64);
  const sameEnding = known.find((candidate) => lastPart(candidate) === lastPart(wanted));
  if (sameEnding !== undefined) return sameEnding;
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceBetween(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(2, Math.floor(wanted.length / 3)) ? best.candidate : undefined;
};

const lastPart = (name: string): string => name.toLowerCase().split('.').at(-1) ?? '';

/** Levenshtein distance: insertions, deletions and replacements that turn `a` into `b`. */
const distanceBetween = (a: string, b: string): number => {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
};
