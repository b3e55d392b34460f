// The set-up: its steps one after the other. Each says what it is for and how it is now, and can be done or left as it is;
// Esc goes back to the one before. It may be run at any time: nothing is done again that nobody asks for.

import type { PageContext } from '../page.ts';
import { Left, problemText } from '../ui.ts';
import type { Step } from './step.ts';
import { steps } from './steps.ts';

type Way = 'do' | 'next';

/** The page. */
export const setUpPage = (context: PageContext): Promise<void> => goThrough(context, steps);

/** Goes through `steps` until the end of the last or Esc in the first. */
export const goThrough = async (context: PageContext, steps: readonly Step[]): Promise<void> => {
  for (let at = 0; at >= 0 && at < steps.length; ) {
    const step = steps[at];
    if (!step) return;
    const way = await ask(context, step, at, steps.length);
    if (way === undefined) at -= 1;
    else if (way === 'next' || (await perform(context, step))) at += 1;
  }
};

const ask = async (context: PageContext, step: Step, at: number, count: number): Promise<Way | undefined> => {
  const { ui, call } = context;
  const state = await ui.progress('How it is now', async () => step.state(context, await call('status', {})));
  const isLast = at === count - 1;
  const last = isLast ? 'Leave the set-up' : 'Leave it as it is, next step';
  return ui.menu<Way>({
    title: `Set-up, step ${at + 1} of ${count}: ${step.label}`,
    text: [step.text, '', `${state.isDone ? '[x]' : '[ ]'} ${state.text}`],
    choices: [
      { label: isLast ? 'Show it' : state.isDone ? 'Do it again, or add to it' : 'Do it', value: 'do' },
      { label: last, value: 'next', help: isLast ? '' : 'You can come back to this step at any time.' },
    ],
    selected: state.isDone && !isLast ? 1 : 0,
  });
};

/** What goes wrong is said, and the step stands as before. */
const perform = async (context: PageContext, step: Step): Promise<boolean> => {
  try {
    const task = await step.load();
    return await task(context);
  } catch (error) {
    if (error instanceof Left) throw error;
    await context.ui.message({ title: step.label, text: [problemText(error)], tone: 'bad' });
    return false;
  }
};
