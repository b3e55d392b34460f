// What of the log may leave the appliance. By construction no secret is logged; this is the second lock: fields that are
// known pass, everything else stays, and whatever looks like a key or a token is taken out of free text.

import type { LogFields } from '../log.ts';

/** Texts that say what happened, numbers and names that an administrator gave. */
const textFields: ReadonlySet<string> = new Set([
  'problem',
  'hint',
  'stack',
  'kind',
  'operation',
  'outcome',
  'reason',
  'route',
  'alarm',
  'severity',
  'by',
  'role',
  'name',
  'client',
  'instance',
  'endpoint',
  'peer',
  'address',
  'subject',
  'issuer',
  'before',
  'now',
  'servedFrom',
  'upstream',
  'adapter',
  'to',
]);
const figureFields: ReadonlySet<string> = new Set([
  'adopted',
  'already',
  'all',
  'changed',
  'complete',
  'dropped',
  'failed',
  'keys',
  'missing',
  'moved',
  'port',
  'serving',
  'size',
  'total',
]);
/** Identifiers and fingerprints: what is in them has a form. */
const formFields: ReadonlySet<string> = new Set([
  'id',
  'uid',
  'instanceId',
  'clientId',
  'fingerprint',
  'keyFingerprint',
]);
const identifier = /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{64})$/i;

const longestText = 1000;
const leftOut = '[left out]';

/** The fields of a log line that may be told. */
export const redactFields = (fields: LogFields): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => redactField(name, value)));

const redactField = (name: string, value: unknown): readonly (readonly [string, unknown])[] => {
  if (value === undefined) return [];
  if (figureFields.has(name) && (typeof value === 'number' || typeof value === 'boolean')) return [[name, value]];
  if (formFields.has(name) && typeof value === 'string' && identifier.test(value)) return [[name, value]];
  if (!textFields.has(name)) return [];
  if (typeof value === 'string') return [[name, redactText(value)]];
  // The names in an administrative act.
  if (name === 'subject' && typeof value === 'object' && value !== null) {
    return [[name, redactFields(value as LogFields)]];
  }
  return [];
};

/** Long enough to be a key or a token, of the letters that encodings use. */
const opaque = /[A-Za-z0-9+/_=-]{20,}/g;

/** Free text without what could be a key, a token or a password of a machine. */
export const redactText = (text: string): string =>
  text.slice(0, longestText).replace(opaque, (run) => (isHarmless(run) ? run : leftOut));

/** Words and paths in lower case, identifiers, and names in humps; a mixture of letters is none of these. */
const isHarmless = (run: string): boolean => {
  if (/^[0-9a-f]+$/i.test(run)) return false;
  if (/^[a-z/_=+-]+$/.test(run) || /^[a-z]*(?:[A-Z][a-z]{2,})+$/.test(run)) return true;
  return run.length === 36 && identifier.test(run);
};
