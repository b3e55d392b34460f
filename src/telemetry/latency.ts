// How long requests took, as counts in buckets whose bounds grow by the square root of two: percentiles from them are
// right to within a fifth, a minute of them is small, and minutes can be added up.

/** The first bucket holds everything up to so many microseconds. */
const first = 16;
const bucketsPerDoubling = 2;
/** Up to some 16 s; what takes longer is in the last one. */
export const bucketCount = 42;

/** The bucket for a time in microseconds. */
export const bucketOf = (microseconds: number): number => {
  if (!(microseconds > first)) return 0;
  return Math.min(bucketCount - 1, Math.ceil(Math.log2(microseconds / first) * bucketsPerDoubling));
};

/** The upper bound of a bucket, microseconds. */
export const upperBound = (bucket: number): number => first * 2 ** (bucket / bucketsPerDoubling);

/** The time, in microseconds, below which `share` (0 to 1) of the counted requests stayed; null where there were none. */
export const percentile = (counts: ArrayLike<number>, share: number): number | null => {
  let all = 0;
  for (let bucket = 0; bucket < counts.length; bucket += 1) all += counts[bucket] ?? 0;
  if (all === 0) return null;
  let left = Math.max(1, Math.ceil(all * share));
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const here = counts[bucket] ?? 0;
    if (here >= left) {
      const lower = bucket === 0 ? 0 : upperBound(bucket - 1);
      return Math.round(lower + ((upperBound(bucket) - lower) * left) / here);
    }
    left -= here;
  }
  return null;
};
