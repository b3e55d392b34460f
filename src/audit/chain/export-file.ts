// The audit trail as a file that stands for itself: JSON lines, records as they were hashed, between the segments and
// checkpoints that bind them. With the server's public key anybody can verify it.
//
//   {"kmip-edge-audit":1,"exportedAt":…,"publicKey":…,"front":checkpoint or null,"after":checkpoint or null}
//   {"segment":{"first":…,"last":…,"startedAt":…,"endedAt":…,"previous":…,"hash":…}}
//   {"sequence":…}                 (its records)
//   {"checkpoint":{…}}

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { EdgeError } from '../../errors.ts';
import type { Checkpoint } from '../../keys/audit-ports.ts';
import { type CheckpointText, checkpointText, isGenuine, readCheckpoint } from './checkpoint.ts';
import type { PlainSegment } from './segment.ts';
import { type Report, Verifier } from './verifier.ts';

export interface ExportHeader {
  readonly exportedAt: string;
  readonly publicKey: string;
  readonly front: CheckpointText | null;
  /** The checkpoint after which an extract begins. */
  readonly after: CheckpointText | null;
}

const marker = 'kmip-edge-audit';
const segmentStart = '{"segment":';
const checkpointStart = '{"checkpoint":';

export const headerLine = (header: ExportHeader): string => `${JSON.stringify({ [marker]: 1, ...header })}\n`;

export const segmentLine = ({
  first,
  last,
  startedAt,
  endedAt,
  previous,
  hash,
}: Omit<PlainSegment, 'text'>): string => {
  const texts = { previous: previous.toString('hex'), hash: hash.toString('hex') };
  return `${JSON.stringify({ segment: { first, last, startedAt, endedAt, ...texts } })}\n`;
};

export const checkpointLine = (checkpoint: Checkpoint): string =>
  `${JSON.stringify({ checkpoint: checkpointText(checkpoint) })}\n`;

export interface FileReport extends Report {
  /** SHA-256 of the public key that it was verified with, lower-case hexadecimal. */
  readonly keyFingerprint: string;
}

export interface FileOptions {
  /** PEM; absent: the key in the file, which only proves that the file agrees with itself. */
  readonly publicKey?: string | undefined;
  readonly expected?: readonly Checkpoint[] | undefined;
  /** Told how many lines were read. */
  readonly progress?: ((lines: number) => void) | undefined;
}

/** Verifies the lines of an export. Throws `invalid-field` for what is none. */
export const verifyExport = async (
  lines: AsyncIterable<string>,
  { publicKey, expected, progress = () => {} }: FileOptions = {},
): Promise<FileReport> => {
  let reader: ExportReader | undefined;
  let count = 0;
  for await (const line of lines) {
    if (reader) reader.line(line);
    else reader = ExportReader.open(line, publicKey, expected);
    count += 1;
    progress(count);
  }
  if (!reader) throw notAnExport();
  return reader.end();
};

class ExportReader {
  readonly #verifier: Verifier;
  readonly #publicKey: KeyObject;
  #segment: Omit<PlainSegment, 'text'> | undefined;
  readonly #text: string[] = [];

  static open(
    line: string,
    publicKeyPem: string | undefined,
    expected: readonly Checkpoint[] | undefined,
  ): ExportReader {
    const header = parse(line) as Partial<ExportHeader> & { readonly [marker]?: unknown };
    if (header?.[marker] !== 1 || typeof header.publicKey !== 'string') throw notAnExport();
    return new ExportReader(header, publicKeyOf(publicKeyPem ?? header.publicKey), expected);
  }

  private constructor(
    header: Partial<ExportHeader>,
    publicKey: KeyObject,
    expected: readonly Checkpoint[] | undefined,
  ) {
    this.#publicKey = publicKey;
    const [front, after] = [header.front, header.after].map((given) => (given ? readCheckpoint(given) : undefined));
    this.#verifier = new Verifier({ publicKey, front, extractAfter: after, expected });
    if (after && !isGenuine('tail', after, publicKey)) {
      this.#verifier.note(
        'not-genuine',
        1,
        after.sequence,
        'the checkpoint at which the file begins was not signed by this server',
      );
    }
  }

  line(line: string): void {
    if (line.startsWith(segmentStart)) {
      this.#endSegment();
      this.#segment = segmentOf(parse(line)) ?? this.#strange();
    } else if (line.startsWith(checkpointStart)) {
      this.#endSegment();
      const checkpoint = readCheckpoint((parse(line) as { readonly checkpoint?: unknown } | undefined)?.checkpoint);
      if (checkpoint) this.#verifier.checkpoint(checkpoint);
      else this.#strange();
    } else if (this.#segment) this.#text.push(line);
    else this.#strange();
  }

  end(): FileReport {
    this.#endSegment();
    const der = this.#publicKey.export({ format: 'der', type: 'spki' });
    return { ...this.#verifier.end(), keyFingerprint: createHash('sha256').update(der).digest('hex') };
  }

  #endSegment(): void {
    const segment = this.#segment;
    this.#segment = undefined;
    const lines = this.#text.splice(0);
    if (!segment) return;
    this.#verifier.segment({ ...segment, text: Buffer.from(lines.map((line) => `${line}\n`).join('')) });
  }

  #strange(): undefined {
    const { last } = this.#verifier;
    this.#verifier.note('changed', last + 1, last + 1, `the line after record ${last} belongs to no segment`);
    return undefined;
  }
}

const notAnExport = (): EdgeError =>
  new EdgeError('invalid-field', 'this is not an export of an audit trail', {
    hint: "make one with 'kmip-edge audit export --out FILE'",
  });

const publicKeyOf = (pem: string): KeyObject => {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // What is no key at all is refused as another kind of key is.
  }
  throw new EdgeError('invalid-field', 'the public key of the audit trail is not an Ed25519 key in PEM');
};

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const segmentOf = (value: unknown): Omit<PlainSegment, 'text'> | undefined => {
  const given = (value as { readonly segment?: Readonly<Record<string, unknown>> } | undefined)?.segment;
  if (typeof given !== 'object' || given === null) return undefined;
  const [first, last, startedAt, endedAt] = ['first', 'last', 'startedAt', 'endedAt'].map((name) =>
    Number(given[name]),
  );
  const [previous, hash] = ['previous', 'hash'].map((name) => Buffer.from(String(given[name]), 'hex'));
  if (![first, last, startedAt, endedAt].every(Number.isSafeInteger) || !previous || !hash) return undefined;
  return {
    first: Number(first),
    last: Number(last),
    startedAt: Number(startedAt),
    endedAt: Number(endedAt),
    previous,
    hash,
  };
};
