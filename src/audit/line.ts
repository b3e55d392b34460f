// One record as a line of JSON, without the sequence number that it gets when it is stored. It is made for every Get, so
// what repeats (who asks, the event) is put together once.

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

interface Who {
  readonly entry: AuditEntry;
  readonly instance: string | undefined;
  readonly text: string;
}

const mostKept = 1000;

export interface LineMaker {
  /** All of the line but its beginning; `time` in milliseconds since 1970. */
  rest(entry: AuditEntry, time: number): string;
}

/** `instanceName` gives the name that a service instance has now. */
export const createLineMaker = (instanceName: (id: string) => string | undefined): LineMaker => {
  const people = new Map<string, Who>();
  const operations = new Map<string, string>();
  let lastTime = Number.NaN;
  let lastTimeText = '';

  const timeText = (time: number): string => {
    if (time === lastTime) return lastTimeText;
    lastTime = time;
    lastTimeText = `"time":"${new Date(time).toISOString()}",`;
    return lastTimeText;
  };
  const operationText = (operation: string): string => {
    const known = operations.get(operation);
    if (known !== undefined) return known;
    const text = `"event":${JSON.stringify(eventOf(operation))},"operation":${JSON.stringify(operation)},`;
    if (operations.size < mostKept) operations.set(operation, text);
    return text;
  };
  const clientText = (entry: AuditEntry): string => {
    const { fingerprint = '', instanceId } = entry;
    const instance = instanceId === undefined ? undefined : instanceName(instanceId);
    const known = people.get(fingerprint);
    if (known && known.instance === instance && isSame(known.entry, entry)) return known.text;
    const text = whoText(entry, instance);
    if (people.size >= mostKept) people.clear();
    people.set(fingerprint, { entry, instance, text });
    return text;
  };
  return {
    rest(entry, time) {
      const { operation, outcome, servedFrom, by, uid, reason, problem, subject } = entry;
      const who = by === 'client' ? clientText(entry) : whoText(entry, instanceOf(entry, instanceName));
      const served = servedFrom === undefined ? '' : `,"served":"${servedFrom}"`;
      const key = uid === undefined ? '' : `,"key":${JSON.stringify(uid)}`;
      const more = outcome === 'success' && subject === undefined ? '' : moreText({ reason, problem, subject });
      return `${timeText(time)}${operationText(operation)}"outcome":"${outcome}"${served}${who}${key}${more}}`;
    },
  };
};

const isSame = (one: AuditEntry, other: AuditEntry): boolean =>
  one.address === other.address && one.name === other.name && one.instanceId === other.instanceId;

const whoText = (
  { by, name, role, fingerprint, address, instanceId }: AuditEntry,
  instance: string | undefined,
): string => `,${JSON.stringify({ by, name, role, fingerprint, address, instance, instanceId }).slice(1, -1)}`;

const moreText = (more: Pick<AuditEntry, 'reason' | 'problem' | 'subject'>): string => {
  const text = JSON.stringify(more).slice(1, -1);
  return text === '' ? '' : `,${text}`;
};

/** The service instance that an administrator's act was about, where it names one. */
const instanceOf = (
  { instanceId, operation, subject }: AuditEntry,
  instanceName: (id: string) => string | undefined,
): string | undefined => {
  if (instanceId !== undefined) return instanceName(instanceId);
  return subject?.['instance'] ?? (operation.startsWith('instance.') ? subject?.['name'] : undefined);
};
