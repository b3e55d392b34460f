// Says what has happened to whoever does not see it: one live region for the whole page, which screen readers speak.

import { useEffect, useRef, useState } from 'preact/hooks';
import { html, type Node } from './html.ts';

let say = (_text: string): void => undefined;

/** Speaks `text` when nothing else is being spoken. */
export const announce = (text: string): void => say(text);

/** Speaks `text` when it becomes another one; not at first, when it is read anyway. */
export const useAnnounced = (text: string | undefined): void => {
  const before = useRef(text);
  useEffect(() => {
    if (text !== undefined && before.current !== undefined && text !== before.current) announce(text);
    before.current = text ?? before.current;
  }, [text]);
};

export const LiveRegion = (): Node => {
  const [text, setText] = useState('');
  useEffect(() => {
    say = (given) => {
      // The same text twice is spoken twice only where it was gone in between.
      setText('');
      setTimeout(() => setText(given), 50);
    };
    return () => {
      say = () => undefined;
    };
  }, []);
  return html`<div class="only-spoken" role="status" aria-live="polite">${text}</div>`;
};
