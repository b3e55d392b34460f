// An audit record as a syslog message (RFC 5424): who, what and how it ended as structured data, and as a sentence for
// people. Every value is escaped and bounded: names and texts come from clients.

import type { CheckpointText } from '../chain/checkpoint.ts';
import type { AuditRecord } from '../line.ts';

/** Of the facilities, the one for audits. */
const facility = 13;
const severities = { success: 6, refused: 4, failed: 3, checkpoint: 5 } as const;
/** RFC 5612 sets this enterprise number aside for those who have none. */
const structuredId = 'kmip-edge@32473';
/** Bytes. RFC 5425 has every receiver take 2048, and says that 8192 should be taken. */
const longestMessage = 8192;
/** UTF-8 characters of one value. */
const longestValue = 600;

export interface Origin {
  readonly host: string;
  readonly process: number;
}

/** The message without its length. `record` is one of the trail. */
export const recordMessage = (record: AuditRecord, origin: Origin): Buffer => {
  const { time, operation, outcome, problem, subject = {}, ...more } = record;
  const parameters = { ...more, operation, outcome, ...prefixed(subject) };
  return message(severities[outcome], time, operation, parameters, sentenceOf(record), origin);
};

/** What was signed goes along, so that the collector holds what the trail is verified against. */
export const checkpointMessage = (checkpoint: CheckpointText, origin: Origin): Buffer => {
  const text = `checkpoint ${checkpoint.number} over record ${checkpoint.sequence}`;
  return message(severities.checkpoint, checkpoint.time, 'checkpoint', { ...checkpoint }, text, origin);
};

/** As it goes over the connection (RFC 5425 section 4.3). */
export const framed = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);

const message = (
  severity: number,
  time: string,
  id: string,
  parameters: Readonly<Record<string, string | number>>,
  text: string,
  { host, process }: Origin,
): Buffer => {
  const header = `<${facility * 8 + severity}>1 ${time} ${word(host, 255)} kmip-edge ${process} ${word(id, 32)}`;
  const data = Object.entries(parameters).map(([name, value]) => ` ${word(name, 32)}="${escaped(String(value))}"`);
  // The mark at the beginning says that the text is UTF-8.
  const whole = Buffer.from(`${header} [${structuredId}${data.join('')}] \ufeff${printable(text)}`);
  return whole.length <= longestMessage ? whole : cut(whole);
};

/** Cut between two characters. The structured data is far shorter, so that only the text is. */
const cut = (bytes: Buffer): Buffer => {
  let end = longestMessage;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
};

/** Printable ASCII without what ends a word or a name. */
const word = (text: string, longest: number): string => text.replace(/[^!-~]|[="\]]/g, '_').slice(0, longest) || '-';

const printable = (text: string): string => text.replace(/\p{Cc}|\p{Zl}|\p{Zp}|\p{Cs}/gu, '\ufffd');

const escaped = (value: string): string =>
  printable([...value].slice(0, longestValue).join('')).replace(/["\\\]]/g, '\\$&');

const prefixed = (subject: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(subject).map(([name, value]) => [`subject.${name}`, value]));

const sentenceOf = ({ operation, outcome, by, name, address, key, instance, problem }: AuditRecord): string => {
  const what = key === undefined ? operation : `${operation} ${key}`;
  const where = instance === undefined ? '' : ` of ${instance}`;
  const from = address === '' ? '' : ` from ${address}`;
  return `${what}${where} by ${by} ${name}${from}: ${outcome}${problem === undefined ? '' : `, ${problem}`}`;
};
