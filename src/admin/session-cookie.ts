// The cookie that holds a session's identifier. Its name binds it to this host and to HTTPS (RFC 6265bis, section 4.1.3.2);
// scripts cannot read it, and no request that another site causes carries it.

import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

export const cookieName = '__Host-kmip-edge';

/** Without an age: it goes with the browser, and the server ends the session before. */
export const sessionCookie = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'strict',
} as const satisfies CookieSerializeOptions;

export const readSessionId = ({ cookies }: FastifyRequest): string | undefined => cookies[cookieName];
