// Text to take away: to the clipboard, or as a file.

import { announce } from '../announce.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { button } from './button.ts';
import { icon } from './icon.ts';

export interface CopyOptions {
  readonly text: string;
  /** What it is: `SHA-256 fingerprint`. */
  readonly label: string;
  /** Large, for what is compared by eye. */
  readonly large?: boolean;
  /** Several lines, as they are. */
  readonly lines?: boolean;
}

/** A text in a fixed width with a button that copies it. */
export const copyable = (options: CopyOptions): Node => put(Copyable, options);

const Copyable = ({ text, label, large, lines }: CopyOptions): Node =>
  html`<div class=${`copyable${large ? ' copyable-large' : ''}${lines ? ' copyable-lines' : ''}`}>
    ${lines ? html`<pre tabindex="0" role="region" aria-label=${label}>${text}</pre>` : html`<code>${breakable(text)}</code>`}
    <button type="button" class="copy" aria-label=${`Copy ${label}`} title=${`Copy ${label}`} onClick=${() => void copy(text, label)}>${icon('copy')}</button>
  </div>`;

/** Fingerprints and identifiers go on in the next line after a sign, not within a byte. */
export const breakable = (text: string): readonly Children[] =>
  text.split(/(?<=[:/,@]|\w-)/).flatMap((part) => [part, html`<wbr />`]);

const copy = async (text: string, label: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${label} copied`);
  } catch {
    announce(`The browser does not let this page copy: select the text and copy it yourself`);
  }
};

export interface DownloadOptions {
  /** Of the file. */
  readonly name: string;
  /** What is in it, or how to get it. */
  readonly content: string | Blob | (() => Promise<string | Blob>);
  readonly kind?: 'primary' | 'secondary' | 'tertiary' | 'ghost';
}

/** A button that saves a file on the reader's machine. */
export const downloadButton = ({ name, content, kind = 'tertiary' }: DownloadOptions, text: string): Node =>
  button(
    {
      kind,
      icon: 'download',
      onClick: async () => save(name, typeof content === 'function' ? await content() : content),
    },
    text,
  );

/** Hands a file over to the browser. */
export const save = (name: string, content: string | Blob): void => {
  const address = URL.createObjectURL(typeof content === 'string' ? new Blob([content]) : content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};
