// Looks records up. Segments are read one after the other and only what matches is kept; one search looks at so many and
// no more, and says where to go on.

import type { Segment, TrailReader } from '../keys/audit-ports.ts';
import { createTurns } from '../turns.ts';
import { linesOf, unpackText } from './chain/segment.ts';
import type { AuditRecord } from './line.ts';

/** All that is given must hold. */
export interface AuditFilter {
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** A name or a certificate's fingerprint: of whoever did it. */
  readonly client?: string | undefined;
  /** Name or identifier. */
  readonly instance?: string | undefined;
  readonly key?: string | undefined;
  /** Of the event or of the operation. */
  readonly event?: string | undefined;
  readonly outcome?: AuditRecord['outcome'] | undefined;
}

export interface Page {
  /** Newest first, those before this sequence number; the newest where neither is given. */
  readonly before?: number | undefined;
  /** Oldest first, those after it. */
  readonly after?: number | undefined;
  readonly limit: number;
}

export interface Found {
  readonly records: readonly AuditRecord[];
  /** Where to go on: the next `before` or `after`. Absent at the end. */
  readonly next?: number;
}

/** Segments that one search looks at. */
const mostSegments = 2000;
/** Milliseconds that one search takes, about. */
const longest = 500;

/** The records that match, at most `limit`. */
export const searchTrail = async (trail: TrailReader, filter: AuditFilter, page: Page): Promise<Found> => {
  const walk = page.after === undefined ? backwards(trail, filter, page.before) : forwards(trail, filter, page.after);
  const matches = matcherOf(filter);
  const turn = createTurns();
  const deadline = performance.now() + longest;
  const records: AuditRecord[] = [];
  let seen = 0;
  for (const { segment, from, to } of walk) {
    const mine = recordsOf(segment, matches).filter(({ sequence }) => sequence >= from && sequence <= to);
    for (const record of page.after === undefined ? mine.reverse() : mine) {
      records.push(record);
      if (records.length === page.limit) return { records, next: record.sequence };
    }
    seen += 1;
    if (seen >= mostSegments || performance.now() > deadline) {
      return { records, next: page.after === undefined ? segment.first : segment.last };
    }
    await turn();
  }
  return { records };
};

interface Step {
  readonly segment: Segment;
  /** Sequence numbers that count. */
  readonly from: number;
  readonly to: number;
}

function* backwards(trail: TrailReader, { since, until }: AuditFilter, before: number | undefined): Iterable<Step> {
  const floor = floorOf(trail, since);
  const ceiling = until === undefined ? undefined : trail.checkpointFrom(until + 1)?.sequence;
  const to = Math.min(before === undefined ? Number.MAX_SAFE_INTEGER : before - 1, ceiling ?? Number.MAX_SAFE_INTEGER);
  for (let cursor = to; cursor > floor; ) {
    const segment = trail.segmentUpTo(cursor);
    if (!segment) return;
    yield { segment, from: floor + 1, to };
    cursor = segment.first - 1;
  }
}

function* forwards(trail: TrailReader, { since }: AuditFilter, after: number): Iterable<Step> {
  const start = Math.max(after, floorOf(trail, since));
  // The segment that holds the record after which to begin may hold the next one too.
  let segment = trail.segmentUpTo(start + 1) ?? trail.segmentAfter(start);
  for (; segment; segment = trail.segmentAfter(segment.first)) {
    if (segment.last > start) yield { segment, from: start + 1, to: Number.MAX_SAFE_INTEGER };
  }
}

/** The last record that is surely too old. */
const floorOf = (trail: TrailReader, since: number | undefined): number =>
  Math.max(trail.front()?.sequence ?? 0, since === undefined ? 0 : (trail.checkpointBefore(since)?.sequence ?? 0));

/** A body that was tampered with shows what can be shown of it: to find that out is the verification's work. */
const recordsOf = (segment: Segment, matches: (line: string) => AuditRecord | undefined): AuditRecord[] =>
  linesOf(unpackText(segment)?.toString() ?? '')
    .map(matches)
    .filter((record) => record !== undefined);

const matcherOf = ({ since, until, client, instance, key, event, outcome }: AuditFilter) => {
  const needles = [client, instance, key, event]
    .filter((value) => value !== undefined)
    .map((value) => JSON.stringify(value));
  if (outcome !== undefined) needles.push(`"outcome":"${outcome}"`);
  const fits = (record: AuditRecord): boolean =>
    isOneOf(client, record.name, record.fingerprint) &&
    isOneOf(instance, record.instance, record.instanceId) &&
    isOneOf(key, record.key) &&
    isOneOf(event, record.event, record.operation) &&
    isOneOf(outcome, record.outcome) &&
    isWithin(Date.parse(record.time), since, until);
  return (line: string): AuditRecord | undefined => {
    if (!needles.every((needle) => line.includes(needle))) return undefined;
    const record = parse(line);
    return record && fits(record) ? record : undefined;
  };
};

const isOneOf = (wanted: string | undefined, ...values: readonly (string | undefined)[]): boolean =>
  wanted === undefined || values.includes(wanted);

const isWithin = (time: number, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY): boolean =>
  time >= since && time <= until;

const parse = (line: string): AuditRecord | undefined => {
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
};
