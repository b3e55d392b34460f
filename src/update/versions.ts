// Versions of the product, as package.json has them: three numbers, and perhaps a name of what comes before the release.

const pattern = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:-([0-9A-Za-z.-]{1,64}))?$/;

/** Whether `text` is a version. */
export const isVersion = (text: string): boolean => pattern.test(text);

/** Below 0 where `one` is older than `other`, 0 where both are the same (semver.org section 11, names compared as text). */
export const compareVersions = (one: string, other: string): number => {
  const [left, right] = [partsOf(one), partsOf(other)];
  for (const [index, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.before === right.before) return 0;
  // What comes before a release is older than the release.
  if (left.before === '') return 1;
  if (right.before === '') return -1;
  return left.before < right.before ? -1 : 1;
};

const partsOf = (version: string): { readonly numbers: readonly number[]; readonly before: string } => {
  const [, major, minor, patch, before = ''] = pattern.exec(version) ?? [];
  return { numbers: [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)], before };
};
