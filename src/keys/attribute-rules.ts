// Rules about single attributes that depend on the object or the value (KMIP 1.4 section 3), where the table of attributes
// has the rest.

import { EdgeError } from '../errors.ts';
import { attributeItem, attributeValue } from '../kmip/attributes.ts';
import { State } from '../kmip/enums.ts';
import type { Item } from '../kmip/item.ts';
import { encodeItem } from '../kmip/ttlv.ts';
import type { Version } from '../kmip/version.ts';
import { shorten } from '../shorten.ts';
import { keptValue } from './attributes.ts';
import { stateAt } from './life-cycle.ts';
import type { ManagedObject, Seconds } from './object.ts';

/**
 * An attribute's value as it is kept when a client gives it. The count of new Usage Limits is their total (section 3.21);
 * application data that the server should choose is `namespace-not-supported` (section 3.36): no namespace is managed here.
 */
export const clientValue = (name: string, item: Item | undefined, version: Version): Buffer => {
  const value = keptValue(name, item, version);
  if (name === 'Usage Limits') {
    const limits = attributeValue(name, item, version);
    if (limits.UsageLimitsTotal < 0n) throw new EdgeError('invalid-field', 'usage limits cannot be negative');
    return encodeItem(attributeItem(name, { ...limits, UsageLimitsCount: limits.UsageLimitsTotal }));
  }
  if (name === 'Application Specific Information') {
    const { ApplicationData: data, ApplicationNamespace: namespace } = attributeValue(name, item, version);
    if (data === undefined) {
      throw new EdgeError('namespace-not-supported', `no data are made for the namespace '${shorten(namespace)}'`);
    }
  }
  return value;
};

type SettableDate = 'Activation Date' | 'Process Start Date' | 'Protect Stop Date' | 'Deactivation Date';

/** A date that State has passed stays (sections 3.24 to 3.27). Throws `wrong-state`. */
export const requireDateChangeable = (object: ManagedObject, name: SettableDate, now: Seconds): void => {
  const state = stateAt(object, now);
  if (state === State.PreActive) return;
  const reached = (date: Seconds | undefined): boolean => date !== undefined && date <= now;
  const ahead = {
    'Activation Date': false,
    'Process Start Date': !reached(object.processStartDate),
    'Protect Stop Date': !reached(object.protectStopDate),
    'Deactivation Date': true,
  };
  if (state === State.Active && ahead[name]) return;
  throw new EdgeError('wrong-state', `the ${name} of object '${object.uid}' cannot be changed any more`);
};
