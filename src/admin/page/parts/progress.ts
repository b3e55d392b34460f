// How far something is, and the steps of something that is done in order.

import { type Children, html, type Node } from '../html.ts';
import { state } from './tile.ts';

export interface ProgressOptions {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Under the bar: what it is doing now. */
  readonly help?: string;
}

export const progress = ({ label, done, total, help }: ProgressOptions): Node => {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return html`<div class="progress"><div class="progress-label"><span>${label}</span><span>${percent} %</span></div>
    <progress max="100" value=${percent} aria-label=${label}>${percent} %</progress>${help !== undefined && html`<p class="field-help">${help}</p>`}</div>`;
};

export interface Step {
  readonly title: string;
  /** Undefined: it cannot be told. */
  readonly done: boolean | undefined;
  readonly content: Children;
}

/** Steps in order: those that are done are closed, the first that is not is open. */
export const steps = (items: readonly Step[]): Node => {
  const next = items.findIndex(({ done }) => done !== true);
  return html`<ol class="steps">${items.map(
    ({ title, done, content }, index) =>
      html`<li key=${title} class=${done ? 'step step-done' : 'step'} aria-current=${index === next ? 'step' : undefined}>
        <details open=${index === next}><summary><span class="step-number" aria-hidden="true">${index + 1}</span><h2>${title}</h2>${
          done === undefined ? '' : state(done ? 'success' : 'pending', done ? 'Done' : 'Not done yet')
        }</summary><div class="step-body">${content}</div></details>
      </li>`,
  )}</ol>`;
};
