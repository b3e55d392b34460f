// The few pictures of the page, drawn on Carbon's grid of 16. They are decoration: what they mean is always said in text.

import { html, type Node } from '../html.ts';

const paths = {
  success: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM7 10.8 4.3 8.1l.9-.9L7 9l3.9-3.9.9.9z',
  error: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm2.8 10.7L4.3 5.2l.9-.9 6.5 6.5z',
  warning: 'M8 1 .5 15h15zM7.3 6h1.4v5H7.3zM8 13.6a1 1 0 1 1 0-2 1 1 0 0 1 0 2z',
  info: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm-.1 2.8a1 1 0 1 1 0 2 1 1 0 0 1 0-2zM10 12H6v-1.1h1.4V8H6.4V6.9h2.2v4H10z',
  pending: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 13A6 6 0 1 1 8 2a6 6 0 0 1 0 12z',
  copy: 'M14 5v9H5V5zm0-1H5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V5a1 1 0 0 0-1-1zM2 9H1V2a1 1 0 0 1 1-1h7v1H2z',
  download:
    'M13 12.5V14H3v-1.5H2V14a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1v-1.5zM13 7l-.7-.7-3.8 3.8V1h-1v9.1L3.7 6.3 3 7l5 5z',
  close: 'M12 4.7 11.3 4 8 7.3 4.7 4l-.7.7L7.3 8 4 11.3l.7.7L8 8.7l3.3 3.3.7-.7L8.7 8z',
  menu: 'M2 11.5h12v1H2zm0-4h12v1H2zm0-4h12v1H2z',
  add: 'M8.5 7.5V3h-1v4.5H3v1h4.5V13h1V8.5H13v-1z',
  user: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM5 13.2V12a1.5 1.5 0 0 1 1.5-1.5h3A1.5 1.5 0 0 1 11 12v1.2a6 6 0 0 1-6 0zm7-.7V12a2.5 2.5 0 0 0-2.5-2.5h-3A2.5 2.5 0 0 0 4 12v.5a6 6 0 1 1 8 0zM8 3.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z',
  trash: 'M6 6h1v6H6zm3 0h1v6H9zM2 3v1h1v10a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V4h1V3zm2 11V4h8v10zM6 1h4v1H6z',
  next: 'M11 8 6 13l-.7-.7L9.6 8 5.3 3.7 6 3z',
} as const;

export type IconName = keyof typeof paths;

/** 16 by 16, in the colour of the text around it. */
export const icon = (name: IconName, kind = ''): Node =>
  html`<svg class=${`icon ${kind}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d=${paths[name]} /></svg>`;
