// Ping (KMIP 2.1 section 6.1.37).

import type { Handler } from './handler.ts';

/** Answers that somebody is there. */
export const ping: Handler<'Ping'> = () => ({});
