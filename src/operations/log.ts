// Log (KMIP 2.1 section 6.1.31): a line of the client's in our log.

import type { Handler } from './handler.ts';

/** Hands the line on, with the name of who said it. */
export const log: Handler<'Log'> = (context, request) => {
  context.keys.objects.note(context.caller, request.LogMessage);
  return {};
};
