// A small S3 service over real HTTPS on loopback: path style, one bucket, the requests that backups need, and faults. It
// checks every signature by itself.

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeTlsMaterial } from '../key-protect/certificates.ts';
import { type Listener, listen } from '../key-protect/listener.ts';
import { type Account, signatureProblem } from './signature.ts';

export interface StoredObject {
  readonly body: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

export type S3Fault =
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** Done or not, the connection is cut before the answer. */
  | { readonly kind: 'cut-before' | 'cut-after' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Status 200 with an error in its body, as the end of an upload in parts may have it. */
  | { readonly kind: 'late-error' };

export interface S3Request {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

export interface S3Simulator {
  readonly endpoint: string;
  readonly caPem: string;
  readonly bucket: string;
  readonly account: Account;
  readonly objects: Map<string, StoredObject>;
  /** Uploads in parts that were begun and neither ended nor given up. */
  readonly uploads: ReadonlyMap<string, unknown>;
  readonly seen: readonly S3Request[];
  /** Strikes the next `times` requests that `on` picks. */
  fault(fault: S3Fault, times?: number, on?: (request: S3Request) => boolean): void;
  close(): Promise<void>;
}

export interface S3SimulatorOptions {
  /** The wall clock of the service. */
  readonly now?: () => number;
  /** Objects on one page of a list. */
  readonly pageSize?: number;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Upload {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

const smallestPart = 1024;

let tls: ReturnType<typeof makeTlsMaterial> | undefined;

export const startS3 = async (options: S3SimulatorOptions = {}): Promise<S3Simulator> => {
  const { now = Date.now, pageSize = 1000 } = options;
  tls ??= makeTlsMaterial();
  const account: Account = {
    keyId: randomBytes(10).toString('hex'),
    secret: randomBytes(24).toString('base64'),
    region: 'eu-de',
  };
  const bucket = 'edge-backups';
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, Upload>();
  const seen: S3Request[] = [];
  const faults: { readonly fault: S3Fault; left: number; readonly on: (request: S3Request) => boolean }[] = [];
  const service = { objects, uploads, pageSize };

  const handle = async (request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const parsed = new URL(url, 'https://s3');
    const [, first = '', ...rest] = parsed.pathname.split('/');
    const asked: S3Request = { method, key: rest.map(decodeURIComponent).join('/'), query: parsed.searchParams };
    seen.push(asked);
    const problem = signatureProblem({ method, url, headers, body }, account, now());
    if (problem !== undefined) return send(response, method, refused(403, problem));
    const struck = faults.find(({ left, on }) => left > 0 && on(asked));
    if (struck) struck.left -= 1;
    const { fault } = struck ?? {};
    if (fault?.kind === 'slow') await sleep(fault.ms);
    if (fault?.kind === 'cut-before') return void response.destroy();
    if (fault?.kind === 'status') return send(response, method, refused(fault.status, fault.code));
    if (fault?.kind === 'late-error') return send(response, method, { ...refused(200, 'InternalError') });
    const answer = first === bucket ? act(service, asked, headers, body) : refused(404, 'NoSuchBucket');
    if (fault?.kind === 'cut-after') return void response.destroy();
    send(response, method, answer);
  };
  const { caPem } = tls;
  const listener: Listener = await listen(tls, handle);
  return {
    endpoint: `https://localhost:${listener.port}`,
    caPem,
    bucket,
    account,
    objects,
    uploads,
    seen,
    fault: (fault, times = Number.POSITIVE_INFINITY, on = () => true) =>
      void faults.unshift({ fault, left: times, on }),
    close: () => listener.close(),
  };
};

const send = (response: ServerResponse, method: string, { status, headers = {}, body = '' }: Answer): void => {
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
};

const refused = (status: number, code: string): Answer => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>so it is</Message></Error>`,
});

const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

const metadataOf = (headers: IncomingMessage['headers']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name, String(value)]] : [])),
  );

interface Service {
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload>;
  readonly pageSize: number;
}

const act = (
  service: Service,
  { method, key, query }: S3Request,
  headers: IncomingMessage['headers'],
  body: Buffer,
): Answer => {
  const { objects, uploads } = service;
  if (key === '' && method === 'GET' && query.get('list-type') === '2') return list(service, query);
  if (key === '') return refused(405, 'MethodNotAllowed');
  const upload = uploads.get(query.get('uploadId') ?? '');
  if (query.has('uploadId') && upload?.key !== key) return refused(404, 'NoSuchUpload');
  if (method === 'POST' && query.has('uploads')) {
    const id = randomBytes(8).toString('base64');
    uploads.set(id, { key, metadata: metadataOf(headers), parts: new Map() });
    return {
      status: 200,
      body: `<InitiateMultipartUploadResult><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    };
  }
  if (upload) return actOnUpload(service, upload, { method, key, query }, body);
  const found = objects.get(key);
  if (method === 'PUT') {
    objects.set(key, { body, metadata: metadataOf(headers) });
    return { status: 200, headers: { etag: etagOf(body) } };
  }
  if (method === 'DELETE') {
    objects.delete(key);
    return { status: 204 };
  }
  if (!found) return refused(404, 'NoSuchKey');
  return { status: 200, headers: { ...found.metadata, 'content-length': String(found.body.length) } };
};

const actOnUpload = (
  { objects, uploads }: Service,
  upload: Upload,
  { method, key, query }: S3Request,
  body: Buffer,
): Answer => {
  const id = query.get('uploadId') ?? '';
  if (method === 'DELETE') {
    uploads.delete(id);
    return { status: 204 };
  }
  if (method === 'PUT') {
    upload.parts.set(Number(query.get('partNumber')), body);
    return { status: 200, headers: { etag: etagOf(body) } };
  }
  const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>&quot;(\w+)&quot;<\/ETag>/g)];
  const parts = named.map(([, number, tag]) => {
    const part = upload.parts.get(Number(number));
    return part && etagOf(part) === `"${tag}"` ? part : undefined;
  });
  if (parts.length === 0 || parts.includes(undefined)) return refused(400, 'InvalidPart');
  const whole = parts.filter((part) => part !== undefined);
  if (whole.slice(0, -1).some((part) => part.length < smallestPart)) return refused(400, 'EntityTooSmall');
  objects.set(key, { body: Buffer.concat(whole), metadata: upload.metadata });
  uploads.delete(id);
  return { status: 200, body: `<CompleteMultipartUploadResult><Key>${key}</Key></CompleteMultipartUploadResult>` };
};

const list = ({ objects, pageSize }: Service, query: URLSearchParams): Answer => {
  const prefix = query.get('prefix') ?? '';
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64').toString();
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
  const page = keys.slice(0, pageSize);
  const contents = page.map(
    (key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)?.body.length}</Size></Contents>`,
  );
  const more = keys.length > page.length;
  // With the characters that must be encoded in a query.
  const token = more ? Buffer.from(page.at(-1) ?? '').toString('base64') : '';
  return {
    status: 200,
    body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}${more ? `<NextContinuationToken>${token}</NextContinuationToken>` : ''}</ListBucketResult>`,
  };
};
