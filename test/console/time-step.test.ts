// What the step of the time says of a clock, by what chrony prints.

import test from 'ava';
import { timeState } from '../../src/console/set-up/time.ts';
import { EdgeError } from '../../src/errors.ts';

const tracking = (name: string, stratum: number, offset: number): string =>
  `A29FC87B,${name},${stratum},1764000000.000000000,${offset},0.000011,0.0000305,-7.5,0.001,0.06,0.02,0.0004,64.8,Normal\n`;

const clocks: readonly (readonly [what: string, printed: string | undefined, isDone: boolean, text: RegExp])[] = [
  ['a clock that is right', tracking('ntp1.example.com', 3, 0.0004), true, /0\.4 ms behind ntp1\.example\.com/],
  ['a clock that is far off', tracking('ntp1.example.com', 3, -42), false, /42\.0 s ahead of .*set it now/],
  ['a clock that nobody has set', tracking('', 0, 0), false, /No time server has answered/],
  ['no chrony', undefined, false, /cannot be judged: chronyc: ENOENT/],
];
for (const [what, printed, isDone, text] of clocks) {
  test(`${what} is ${isDone ? 'left as it is' : 'looked at'}`, async (t) => {
    const run = async (): Promise<string> => {
      if (printed === undefined) throw new EdgeError('internal', 'chronyc: ENOENT');
      return printed;
    };
    const state = await timeState({ run, root: '' });
    t.is(state.isDone, isDone);
    t.regex(state.text, text);
  });
}
