// What somebody at the console of a machine does again and again.

import type { Hand } from '../console/hand.ts';

/** Chooses a row of the menu that is seen by its label. */
export const choose = async (hand: Hand, label: string): Promise<void> => {
  const row = new RegExp(`(\\S) {2}${label}`);
  hand.type(row.exec(await hand.see(row))?.[1] ?? '');
};

/** From the status screen into the menu. */
export const openMenu = async (hand: Hand, password: string): Promise<void> => {
  await hand.see(/<F2> or Enter: set up and maintain/);
  hand.press('f2');
  await hand.see(/Sign in/);
  hand.type(`${password}\n`);
  await hand.see(/1 {2}Set-up/);
};
