// Which record of a segment is not what it was, once the segment as a whole is known not to be.

import { crc32 } from 'node:zlib';
import type { Segment } from '../../keys/audit-ports.ts';
import type { Finding } from './finding.ts';
import { linesOf, sequenceOf } from './segment.ts';

export interface SuspectSegment extends Pick<Segment, 'first' | 'last'> {
  readonly text: Buffer;
  readonly sums?: Buffer | undefined;
}

/** At least one finding, as exact as it can be told. */
export const diagnose = (segment: SuspectSegment): readonly Finding[] => {
  const { first, last, text } = segment;
  const lines = linesOf(text.toString());
  const seen = new Set(lines.map(sequenceOf));
  const findings = [
    ...missing(first, last, seen),
    ...lines.flatMap((line, index) => findingOf(segment, line, index, lines)),
  ];
  if (findings.length > 0) return findings;
  return [
    {
      kind: 'changed',
      from: first,
      to: last,
      text: `one of the records ${first} to ${last}, or when it was, was changed`,
    },
  ];
};

const missing = (first: number, last: number, seen: ReadonlySet<number | undefined>): readonly Finding[] => {
  const findings: Finding[] = [];
  for (let sequence = first; sequence <= Math.min(last, first + 100_000); sequence += 1) {
    if (seen.has(sequence)) continue;
    findings.push({ kind: 'removed', from: sequence, to: sequence, text: `record ${sequence} is missing` });
  }
  return findings;
};

const findingOf = (
  { first, last, sums }: SuspectSegment,
  line: string,
  index: number,
  lines: readonly string[],
): readonly Finding[] => {
  const sequence = sequenceOf(line);
  if (sequence === undefined || sequence < first || sequence > last) {
    const at = Math.min(first + index, last);
    return [
      {
        kind: 'changed',
        from: at,
        to: at,
        text: `line ${index + 1} of the records ${first} to ${last} is not one of them`,
      },
    ];
  }
  const before = index === 0 ? undefined : sequenceOf(lines[index - 1] ?? '');
  if (before !== undefined && sequence <= before) {
    return [{ kind: 'moved', from: sequence, to: sequence, text: `record ${sequence} comes after record ${before}` }];
  }
  const at = 4 * (sequence - first);
  if (!sums || sums.length < at + 4 || sums.readUInt32BE(at) === crc32(line)) return [];
  return [{ kind: 'changed', from: sequence, to: sequence, text: `record ${sequence} was changed` }];
};
