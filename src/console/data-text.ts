// What lies on the data disk, as the screen of a locked server tells it before anything is open.

import type { SealView } from '../admin/api/seal.ts';
import { counted } from '../counted.ts';

/** What lies on the data disk, in words. */
export const dataText = ({ data: { instances, keys, lastUsed } }: SealView): string => {
  const used = lastUsed === undefined ? '' : `, last used ${lastUsed.slice(0, 16).replace('T', ' ')} UTC`;
  return `The data disk holds ${counted(keys, 'key')} of ${counted(instances, 'service instance')}${used}.`;
};
