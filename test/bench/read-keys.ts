// Brings stored keys into a server's cache: by batches, since that many messages of one Get each could take minutes.

import { Exchange } from './exchange.ts';
import type { Target } from './load-client.ts';
import { checkAnswer, getBatch } from './messages.ts';

const connections = 4;
const batchItems = 100;

/** Gets one key after the other, and stops when the time is over; gives how many it got. */
export const readKeys = async (target: Target, uids: readonly string[], milliseconds: number): Promise<number> => {
  const end = performance.now() + milliseconds;
  let asked = 0;
  const read = async (): Promise<void> => {
    const exchange = await Exchange.open(target.port, target.client);
    while (asked < uids.length && performance.now() < end) {
      const batch = uids.slice(asked, asked + batchItems);
      asked += batch.length;
      checkAnswer(await exchange.send(getBatch(batch)), batch.length);
    }
    exchange.close();
  };
  await Promise.all(Array.from({ length: connections }, read));
  return asked;
};
