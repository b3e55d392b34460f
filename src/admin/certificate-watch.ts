// Says in the log, once a day for each, which certificates end, and tells telemetry's alarms.

import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AlarmSource, Severity } from '../telemetry/alarms.ts';
import type { EndingView } from './api/certificates.ts';
import { certificateWarnings, type EndingParts } from './certificate-endings.ts';

const daily = 24 * 60 * 60 * 1000;

export class CertificateWatch {
  readonly #parts: EndingParts;
  readonly #clock: Clock;
  readonly #log: Log;
  #cancel: Cancel = () => {};

  constructor(parts: EndingParts, clock: Clock, log: Log) {
    this.#parts = parts;
    this.#clock = clock;
    this.#log = log;
  }

  /** Looks now, and then once a day. */
  start(): void {
    this.#look();
    this.#cancel = this.#clock.after(daily, () => this.start());
  }

  #look(): void {
    try {
      for (const ending of certificateWarnings(this.#parts, this.#clock.now())) {
        const { kind, name, instance, subject, sha256, notAfter, daysLeft, todo, command } = ending;
        const fields = { kind, name, instance, subject, sha256, notAfter, daysLeft, todo, command };
        this.#log.warn(ending.level === 'ended' ? 'a certificate has ended' : 'a certificate ends', fields);
      }
    } catch (error) {
      this.#log.error('the certificates could not be looked at', { problem: messageOf(error) });
    }
  }

  close(): void {
    this.#cancel();
  }
}

/** Whose end stops something; pinned clients are served on. */
const stopping: readonly EndingView['kind'][] = [
  'server',
  'root',
  'intermediate',
  'root-client',
  'upstream-client',
  'upstream-authority',
];

const severityOf = ({ kind, level }: EndingView): Severity => {
  if (level === 'notice') return 'info';
  return level !== 'warning' && stopping.includes(kind) ? 'critical' : 'warning';
};

/** Certificates that end, as alarms. */
export const certificateAlarms =
  (parts: EndingParts, clock: Clock): AlarmSource =>
  () =>
    certificateWarnings(parts, clock.now()).map((ending) => ({
      name: 'certificate-ending',
      subject: ending.sha256,
      severity: severityOf(ending),
      what: sentenceOf(ending),
      todo: ending.todo,
      command: ending.command,
      page: 'trust',
    }));

/** What ends, in words. */
const nouns: Readonly<Record<EndingView['kind'], (ending: EndingView) => string>> = {
  server: () => 'the server certificate',
  next: () => 'the next server certificate',
  authority: () => 'the certificate of the authority here',
  client: ({ name, instance }) => `the certificate of client '${name}' of '${instance}'`,
  root: ({ name, instance }) => `root '${name}' of '${instance}'`,
  intermediate: ({ name, instance, subject }) => `intermediate '${subject}' of root '${name}' of '${instance}'`,
  'root-client': ({ name, instance, subject }) =>
    `the certificate of '${subject}' under root '${name}' of '${instance}'`,
  'upstream-client': ({ instance }) => `the certificate by which the KMIP endpoint of '${instance}' knows us`,
  'upstream-authority': ({ instance, subject }) => `'${subject}' in the CA bundle of '${instance}'`,
};

const sentenceOf = (ending: EndingView): string => {
  const noun = nouns[ending.kind](ending);
  const date = ending.notAfter.slice(0, 10);
  if (ending.level === 'ended') return `${noun} has ended on ${date}`;
  return `${noun} ends in ${ending.daysLeft} days, on ${date}`;
};
