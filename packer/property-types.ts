// How each kind of property is declared in the OVF descriptor, so that a form refuses what can be refused before anything is
// deployed (DSP0243 1.1, section 9.5.1). No kind asks for a shortest length: every property may stay empty. The guest checks
// every value again (src/system/properties.ts), and says on the console what is wrong.

import type { PropertyKind } from '../src/system/properties.ts';

export interface OvfType {
  readonly type: 'string' | 'boolean' | 'uint16' | 'uint32';
  readonly qualifiers?: string;
}

const atMost = (characters: number): OvfType => ({ type: 'string', qualifiers: `MaxLen(${characters})` });

const types: Readonly<Record<PropertyKind, OvfType>> = {
  'host-name': atMost(253),
  // With its prefix length, so it is not the type that vSphere has for addresses.
  address: atMost(49),
  ip: atMost(45),
  address6: atMost(49),
  ip6: atMost(45),
  ipv6: { type: 'string', qualifiers: 'ValueMap{"","automatic","off"}' },
  switch: { type: 'string', qualifiers: 'ValueMap{"","on","off"}' },
  'ip-list': atMost(400),
  'name-list': atMost(2048),
  'host-list': atMost(2048),
  password: atMost(1024),
  'ssh-key': atMost(8600),
  pem: atMost(16_500),
  'time-zone': atMost(64),
  proxy: atMost(300),
  'https-address': atMost(2008),
  'time-of-day': atMost(5),
  collector: atMost(300),
  fingerprint: atMost(95),
  upstream: { type: 'string', qualifiers: 'ValueMap{"","key-protect","kmip"}' },
  text: atMost(4096),
};

/** Throws for a kind that the first start does not know either. */
export const ovfTypeOf = (kind: string): OvfType => {
  const found = Object.entries(types).find(([name]) => name === kind)?.[1];
  if (!found) throw new Error(`ova.json: the kind '${kind}' is not known: see src/system/properties.ts`);
  return found;
};
