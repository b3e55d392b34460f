// Checks AWS Signature Version 4 of a request, written from its description alone ("Authenticating Requests: Using the
// Authorization Header"), so that the library that signs is not held against itself.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  readonly method: string;
  /** With its query, as it was sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Account {
  readonly keyId: string;
  readonly secret: string;
  readonly region: string;
}

const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const mustBeSigned = ['host', 'x-amz-content-sha256', 'x-amz-date'];
/** Fifteen minutes, as the service allows. */
const largestSkew = 900_000;

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** What is wrong with the signature, by the service's own error codes; undefined where it is right. `now`: ms since 1970. */
export const signatureProblem = (request: SignedRequest, account: Account, now: number): string | undefined => {
  const { headers, body } = request;
  const [, keyId, day = '', region, signedNames = '', signature = ''] = shape.exec(headers.authorization ?? '') ?? [];
  if (keyId === undefined) return 'AccessDenied';
  if (keyId !== account.keyId) return 'InvalidAccessKeyId';
  if (region !== account.region) return 'AuthorizationHeaderMalformed';
  const names = signedNames.split(';');
  const extra = Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !names.includes(name));
  if (mustBeSigned.some((name) => !names.includes(name)) || extra.length > 0) return 'AccessDenied';
  const date = String(headers['x-amz-date']);
  const at = Date.parse(date.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!date.startsWith(day) || !(Math.abs(at - now) <= largestSkew)) return 'RequestTimeTooSkewed';
  const payload = String(headers['x-amz-content-sha256']);
  if (payload !== sha256(body)) return 'XAmzContentSHA256Mismatch';

  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(request, names, payload))].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${account.secret}`);
  const right = hmac(key, text);
  return timingSafeEqual(right, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch';
};

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const canonicalRequest = (
  { method, url, headers }: SignedRequest,
  names: readonly string[],
  payload: string,
): string => {
  const [path = '', search = ''] = url.split('?');
  const query = search
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = part.split('=');
      return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
    })
    .toSorted();
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`);
  const uri = path
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
  return [method, uri, query.join('&'), lines.join(''), names.join(';'), payload].join('\n');
};
