// Backups in a bucket of an S3 service: IBM Cloud Object Storage or another one. What is uploaded goes in parts as it is
// encrypted, so that neither memory nor the disk holds all of it. Each object carries the appliance that made it in its
// metadata, and only such are ever deleted.

import { EdgeError } from '../../errors.ts';
import { readBackupName } from '../names.ts';
import { newestFirst, type Place, type PlacedBackup } from '../place.ts';
import { type S3Options, S3Requests } from './requests.ts';
import { elementsOf, textOf } from './xml.ts';

export interface BucketOptions extends S3Options {
  /** Before each name, with its slash at the end; may be empty. */
  readonly prefix: string;
  readonly appliance: string;
  /** Of one part, in bytes. S3 takes 5 MiB to 5 GiB, and 10,000 parts. */
  readonly partBytes?: number;
}

const defaultPartBytes = 8 * 1024 * 1024;
const marker = 'x-amz-meta-kmip-edge';
const maximumPages = 1000;

/** The backups of an appliance in a bucket. */
export const bucketPlace = (options: BucketOptions): Place => {
  const { bucket, prefix, appliance } = options;
  const isOurs = (name: string): boolean => readBackupName(name)?.appliance === appliance;
  const withRequests = async <T>(act: (requests: S3Requests) => Promise<T>): Promise<T> => {
    const requests = new S3Requests(options);
    try {
      return await act(requests);
    } finally {
      requests.close();
    }
  };
  return {
    title: `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`,
    write: (name, pieces) => withRequests((requests) => upload(requests, options, prefix + name, pieces)),
    list: () =>
      withRequests(async (requests) => {
        const found = await listAll(requests, `${prefix}kmip-edge-${appliance}-`);
        return newestFirst(
          found.flatMap(({ key, size }): readonly PlacedBackup[] => {
            const name = key.slice(prefix.length);
            const at = readBackupName(name)?.at;
            return isOurs(name) && at !== undefined ? [{ name, size, at }] : [];
          }),
        );
      }),
    remove: (name) =>
      withRequests(async (requests) => {
        const key = prefix + name;
        const { headers } = await requests.ask({ method: 'HEAD', key });
        if (!isOurs(name) || headers[marker] !== appliance) {
          throw new EdgeError('permission-denied', `${key} was not made by this appliance: it stays`);
        }
        await requests.ask({ method: 'DELETE', key });
      }),
  };
};

interface Found {
  readonly key: string;
  readonly size: number;
}

const listAll = async (requests: S3Requests, prefix: string): Promise<readonly Found[]> => {
  const found: Found[] = [];
  let token: string | undefined;
  for (let page = 0; page < maximumPages; page += 1) {
    const query = { 'list-type': '2', prefix, ...(token === undefined ? {} : { 'continuation-token': token }) };
    const { body } = await requests.ask({ method: 'GET', query });
    for (const one of elementsOf(body, 'Contents')) {
      found.push({ key: textOf(one, 'Key') ?? '', size: Number(textOf(one, 'Size') ?? 0) });
    }
    token = textOf(body, 'IsTruncated') === 'true' ? textOf(body, 'NextContinuationToken') : undefined;
    if (token === undefined) return found;
  }
  throw new EdgeError('upstream-refused', 'the bucket lists more backups than there can be');
};

/** In one request where it is small, else in parts. */
const upload = async (
  requests: S3Requests,
  { appliance, partBytes = defaultPartBytes }: BucketOptions,
  key: string,
  pieces: AsyncIterable<Buffer>,
): Promise<number> => {
  const headers = { [marker]: appliance, 'Content-Type': 'application/octet-stream' };
  const parts = partsOf(pieces, partBytes);
  try {
    const first = await parts.next();
    const begin = first.done ? Buffer.alloc(0) : first.value;
    if (begin.length < partBytes) await requests.ask({ method: 'PUT', key, headers, body: begin });
    const size = begin.length < partBytes ? begin.length : await uploadParts(requests, key, headers, begin, parts);
    await requireThere(requests, key, size);
    return size;
  } finally {
    // Whoever makes the pieces is waiting to be asked for more.
    await parts.return(undefined);
  }
};

const uploadParts = async (
  requests: S3Requests,
  key: string,
  headers: Readonly<Record<string, string>>,
  first: Buffer,
  rest: AsyncGenerator<Buffer>,
): Promise<number> => {
  const begun = await requests.ask({ method: 'POST', key, query: { uploads: '' }, headers });
  const uploadId = textOf(begun.body, 'UploadId');
  if (uploadId === undefined) throw new EdgeError('upstream-refused', 'the S3 service began no upload');
  try {
    const tags: string[] = [];
    let size = 0;
    const put = async (body: Buffer): Promise<void> => {
      const query = { partNumber: String(tags.length + 1), uploadId };
      const answer = await requests.ask({ method: 'PUT', key, query, body });
      tags.push(String(answer.headers.etag ?? ''));
      size += body.length;
    };
    await put(first);
    for await (const part of rest) await put(part);
    const list = tags.map(
      (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${xmlText(tag)}</ETag></Part>`,
    );
    const body = Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`);
    // Its answer may have been lost: then the upload is gone, and whether the object is there is looked at afterwards.
    await requests.ask({ method: 'POST', key, query: { uploadId }, body }, [404]);
    return size;
  } catch (error) {
    // What was uploaded is paid for until it is given up.
    await requests.ask({ method: 'DELETE', key, query: { uploadId } }, [404]).catch(() => undefined);
    throw error;
  }
};

const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const requireThere = async (requests: S3Requests, key: string, size: number): Promise<void> => {
  const { status, headers } = await requests.ask({ method: 'HEAD', key }, [404]);
  if (status === 404) throw new EdgeError('upstream-refused', `${key} is not in the bucket after its upload`);
  if (Number(headers['content-length']) === size) return;
  throw new EdgeError(
    'upstream-refused',
    `${key} has ${headers['content-length']} bytes in the bucket instead of ${size}`,
  );
};

/** The same bytes in pieces of `partBytes`; the last one may be shorter. */
async function* partsOf(pieces: AsyncIterable<Buffer>, partBytes: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    while (size >= partBytes) {
      const all = Buffer.concat(held);
      yield all.subarray(0, partBytes);
      held = [all.subarray(partBytes)];
      size -= partBytes;
    }
  }
  if (size > 0) yield Buffer.concat(held);
}
