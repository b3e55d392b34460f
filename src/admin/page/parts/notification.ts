// What has happened, and what to do about it.

import { type Children, html, type Node } from '../html.ts';
import type { ProblemError } from '../problem.ts';
import { icon } from './icon.ts';

export type Severity = 'error' | 'warning' | 'info' | 'success';

export interface NotificationOptions {
  readonly kind: Severity;
  readonly title: string;
  /** What to do. */
  readonly text?: Children;
  readonly onClose?: () => void;
  /** Spoken at once by screen readers: for what has just happened, not for what is there from the beginning. */
  readonly spoken?: boolean;
}

const spokenKind: Readonly<Record<Severity, string>> = {
  error: 'Problem',
  warning: 'Warning',
  info: 'Note',
  success: 'Done',
};

export const notification = (
  { kind, title, text, onClose, spoken }: NotificationOptions,
  ...actions: Children[]
): Node =>
  html`<div class=${`notification notification-${kind}`} role=${spoken ? (kind === 'error' ? 'alert' : 'status') : undefined}>
    ${icon(kind, `icon-${kind}`)}
    <div class="notification-text">
      <strong><span class="only-spoken">${spokenKind[kind]}: </span>${title}</strong>
      ${text && html`<div>${text}</div>`}
      ${actions}
    </div>
    ${onClose && html`<button type="button" class="notification-close" aria-label="Close this message" onClick=${onClose}>${icon('close')}</button>`}
  </div>`;

/** A refusal of the server, with its own advice. */
export const problemNotice = (problem: ProblemError | undefined, title?: string): Node | undefined => {
  if (!problem) return undefined;
  const told = title === undefined ? sentence(problem.message) : title;
  const text = [title === undefined ? undefined : sentence(problem.message), problem.hint && sentence(problem.hint)];
  const lines = text.filter((line) => line !== undefined && line !== '');
  return notification({
    kind: 'error',
    title: told,
    text: lines.map((line) => html`<p>${line}</p>`),
    spoken: true,
  });
};

/** The server speaks in lower case and without a full stop. */
export const sentence = (text: string): string =>
  text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?:]$/.test(text) ? '' : '.'}`;
