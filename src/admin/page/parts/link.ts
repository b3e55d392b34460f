// Links to views. Where a role may not see the view there is the text alone.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Children, html, type Node, put } from '../html.ts';
import { linkTo } from '../router.ts';

/** The names of the views that whoever is signed in may see. */
export const OpenViews = createContext<ReadonlySet<string>>(new Set());

/** Whether an address, such as `#/trust/prod`, leads to one of them. */
export const leadsToOpenView = (href: string, open: ReadonlySet<string>): boolean =>
  open.has(href.replace(/^#\/?/, '').split(/[/?]/, 1)[0] ?? '');

export interface LinkOptions {
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
}

export const link = (options: LinkOptions, ...text: Children[]): Node => put(Link, options, ...text);

const Link = ({ path, query, children }: LinkOptions & { readonly children?: Children }): Node => {
  const href = linkTo(path, query);
  return leadsToOpenView(href, useContext(OpenViews))
    ? html`<a href=${href}>${children}</a>`
    : html`<span>${children}</span>`;
};
