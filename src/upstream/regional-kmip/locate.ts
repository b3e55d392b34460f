// Locate, page by page, with whatever paging the endpoint has: it may give fewer than asked for, tell the total or not,
// or not know offsets at all.

import type { Attribute } from '../../kmip/template-attribute.ts';
import type { Caller } from './caller.ts';
import { LinkError } from './link-errors.ts';
import { locatePage } from './operations.ts';

export interface LocateFilter {
  /** Attributes that an object must have with these values; none: every object. */
  readonly attributes?: readonly Attribute[];
  /** No more than this many identifiers. */
  readonly maximum?: number;
}

/** 1,000 identifiers are about 50 KB. */
const pageSize = 1_000;
/** More than any adapter holds; a hostile endpoint could go on for ever. */
const mostIdentifiers = 200_000;

/** The identifiers of all objects that fit, each once, as the endpoint orders them. */
export const locateAll = async (
  caller: Caller,
  { attributes = [], maximum = mostIdentifiers }: LocateFilter,
  until: number,
): Promise<readonly string[]> => {
  const found = new Set<string>();
  for (let offset = 0; found.size < maximum; ) {
    const size = Math.min(pageSize, maximum - found.size);
    const page = await caller.read(locatePage(attributes, size, offset), until);
    const before = found.size;
    for (const uid of page.uids) found.add(uid);
    offset += page.uids.length;
    // an endpoint that ignores the offset gives nothing new
    if (!page.more || found.size === before || offset === page.total) return [...found];
  }
  if (found.size < mostIdentifiers) return [...found].slice(0, maximum);
  throw new LinkError(`the endpoint lists more than ${mostIdentifiers} objects`, true);
};
