// A payload on its way out: a value with the schema that encodes it straight into the message, or bytes already encoded.

import { type Codec, undecoded } from './codec.ts';

/** Made by `requestPayload` and `responsePayload` (payloads/table.ts), which check the value against the operation. */
export interface PreparedPayload {
  readonly codec: Codec<unknown>;
  readonly value: unknown;
}

/** A Buffer is the whole item, header included. */
export type Payload = Buffer | PreparedPayload;

export const payload: Codec<Payload> = {
  decode: undecoded.decode,
  encode(writer, tag, value) {
    if (Buffer.isBuffer(value)) writer.raw(value);
    else value.codec.encode(writer, tag, value.value);
  },
};
