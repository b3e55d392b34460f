// One record as a line of JSON. It is made for every Get, so what repeats (who asks, the event) is put together once.

import type { AuditEntry } from '../keys/audit-ports.ts';
import { eventOf } from './events.ts';

/** What a record says. */
export interface AuditRecord {
  readonly sequence: number;
  /** ISO 8601. */
  readonly time: string;
  readonly event: string;
  readonly operation: string;
  readonly outcome: AuditEntry['outcome'];
  readonly served?: NonNullable<AuditEntry['servedFrom']>;
  readonly by: AuditEntry['by'];
  readonly name: string;
  readonly role?: string;
  readonly fingerprint?: string;
  readonly address: string;
  readonly instance?: string;
  readonly instanceId?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly problem?: string;
  readonly subject?: Readonly<Record<string, string>>;
}

/** A line in two pieces. */
export interface Line {
  /** What differs from one record to the next. */
  readonly head: string;
  /** What repeats, with the end of the line. */
  readonly tail: Buffer;
}

interface Who {
  readonly entry: AuditEntry;
  readonly instance: string | undefined;
  /** Of records that say no more than this, by operation and where it was served from. */
  readonly tails: Map<string, Buffer>;
}

const mostKept = 1000;
/** Operations of one client; all that KMIP has are fewer. */
const mostTails = 200;

export interface LineMaker {
  /** `time` in milliseconds since 1970. */
  line(sequence: number, entry: AuditEntry, time: number): Line;
}

/** `instanceName` gives the name that a service instance has now. */
export const createLineMaker = (instanceName: (id: string) => string | undefined): LineMaker => {
  const people = new Map<string, Who>();
  let lastTime = Number.NaN;
  let lastTimeText = '';

  const timeText = (time: number): string => {
    if (time === lastTime) return lastTimeText;
    lastTime = time;
    lastTimeText = `,"time":"${new Date(time).toISOString()}",`;
    return lastTimeText;
  };
  const whoOf = (entry: AuditEntry): Who => {
    const { fingerprint = '', instanceId } = entry;
    const instance = instanceId === undefined ? undefined : instanceName(instanceId);
    const known = people.get(fingerprint);
    if (known && known.instance === instance && isSame(known.entry, entry)) return known;
    const who = { entry, instance, tails: new Map<string, Buffer>() };
    if (people.size >= mostKept) people.clear();
    people.set(fingerprint, who);
    return who;
  };
  const tailOf = (entry: AuditEntry): Buffer => {
    if (entry.by !== 'client' || entry.outcome !== 'success' || entry.subject !== undefined) {
      return makeTail(entry, instanceOf(entry, instanceName));
    }
    const { instance, tails } = whoOf(entry);
    const name = entry.servedFrom === undefined ? entry.operation : names[entry.servedFrom] + entry.operation;
    const known = tails.get(name);
    if (known) return known;
    const tail = makeTail(entry, instance);
    if (tails.size < mostTails) tails.set(name, tail);
    return tail;
  };
  return {
    line(sequence, entry, time) {
      const { uid } = entry;
      const key = uid === undefined ? '' : `"key":${JSON.stringify(uid)},`;
      return { head: `{"sequence":${sequence}${timeText(time)}${key}`, tail: tailOf(entry) };
    },
  };
};

const names = { memory: 'm ', store: 's ', upstream: 'u ' } as const;

const isSame = (one: AuditEntry, other: AuditEntry): boolean =>
  one.address === other.address && one.name === other.name && one.instanceId === other.instanceId;

const makeTail = (entry: AuditEntry, instance: string | undefined): Buffer => {
  const { operation, outcome, servedFrom: served, by, name, role, fingerprint, address, instanceId } = entry;
  const { reason, problem, subject } = entry;
  const what = { event: eventOf(operation), operation, outcome, served };
  const who = { by, name, role, fingerprint, address, instance, instanceId };
  return Buffer.from(`${JSON.stringify({ ...what, ...who, reason, problem, subject }).slice(1)}\n`);
};

/** The service instance that an administrator's act was about, where it names one. */
const instanceOf = (
  { instanceId, operation, subject }: AuditEntry,
  instanceName: (id: string) => string | undefined,
): string | undefined => {
  if (instanceId !== undefined) return instanceName(instanceId);
  return subject?.['instance'] ?? (operation.startsWith('instance.') ? subject?.['name'] : undefined);
};
