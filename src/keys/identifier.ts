// Unique Identifiers of objects made here: UUIDs of version 7 (RFC 9562), whose first part is the time. New ones stand
// beside one another in the store's index, so that many Creates change few of its pages.

import { randomUUID } from 'node:crypto';

/** Hexadecimal digits of the milliseconds, and where the version's digit stands in the text. */
const timeDigits = 12;
const afterVersion = 15;

/** A new identifier; `now` in milliseconds since 1970. Two of one moment differ in 74 random bits. */
export const newIdentifier = (now: number): string => {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(timeDigits, '0').slice(-timeDigits);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(afterVersion)}`;
};
