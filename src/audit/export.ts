// The export of a stored trail, as a stream of pieces no larger than a segment.

import type { Checkpoint, TrailReader } from '../keys/audit-ports.ts';
import { createTurns } from '../turns.ts';
import { checkpointText } from './chain/checkpoint.ts';
import { checkpointLine, headerLine, segmentLine } from './chain/export-file.ts';
import { unpackText } from './chain/segment.ts';
import type { AuditFilter } from './search.ts';
import type { StoredTrail } from './verify-store.ts';

/** The trail from the checkpoint before `since` to the first one after `until`: whole segments, so that it verifies. */
export async function* exportTrail(
  { trail, keys }: StoredTrail,
  { since, until }: Pick<AuditFilter, 'since' | 'until'>,
  now: number,
): AsyncGenerator<string | Buffer> {
  const front = trail.front();
  const after = since === undefined ? undefined : trail.checkpointBefore(since);
  const start = after ?? front;
  const end = (until === undefined ? undefined : trail.checkpointFrom(until + 1)?.sequence) ?? Number.MAX_SAFE_INTEGER;
  yield headerLine({
    exportedAt: new Date(now).toISOString(),
    publicKey: keys.publicKeyPem,
    front: front && !after ? checkpointText(front) : null,
    after: after ? checkpointText(after) : null,
  });
  const turn = createTurns();
  let [cursor, number] = [start?.sequence ?? 0, start?.number ?? 0];
  for (
    let segment = trail.segmentAfter(cursor);
    segment && segment.first <= end;
    segment = trail.segmentAfter(cursor)
  ) {
    cursor = segment.first;
    yield segmentLine(segment);
    const text = unpackText(segment);
    if (text?.length) yield text;
    for (const checkpoint of checkpointsUpTo(trail, number, segment.last)) {
      number = checkpoint.number;
      yield checkpointLine(checkpoint);
    }
    await turn();
  }
}

const checkpointsUpTo = (trail: TrailReader, number: number, sequence: number): readonly Checkpoint[] =>
  trail.checkpoints(number, 10).filter((checkpoint) => checkpoint.sequence <= sequence);
