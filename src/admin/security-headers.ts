// What every answer over HTTPS says, whatever it is and whoever made it, refusals of the HTTP library too. The page sets its
// own policy and its own caching over these.

import type { ServerResponse } from 'node:http';

const headers = {
  // Thirty days: an appliance that goes back to its own certificate must not be out of reach for a year.
  'strict-transport-security': 'max-age=2592000',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** Sets them before anything else is known of the request. */
export const setSecurityHeaders = (response: ServerResponse): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
};
