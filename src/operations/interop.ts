// Interop (KMIP 2.1 section 6.1.28): a client says where its tests begin and end, which changes nothing here.

import type { Handler } from './handler.ts';

/** Answers that it was heard. */
export const interop: Handler<'Interop'> = () => ({});
