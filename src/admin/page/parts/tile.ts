// The boxes and headings that a view is laid out with.

import { type Children, html, type Node } from '../html.ts';
import { type IconName, icon } from './icon.ts';

export interface HeadingOptions {
  readonly title: string;
  /** The places above it, for the line over the title. */
  readonly parents?: readonly (readonly [title: string, href: string])[];
  /** One or two sentences under it. */
  readonly text?: Children;
}

/** The head of a view; buttons stand beside it. */
export const heading = ({ title, parents = [], text }: HeadingOptions, ...actions: Children[]): Node =>
  html`<header class="view-head">
    ${
      parents.length > 0 &&
      html`<nav aria-label="Above this"><ol class="parents">${parents.map(([name, href]) => html`<li><a href=${href}>${name}</a></li>`)}</ol></nav>`
    }
    <div class="view-title"><h1 tabindex="-1">${title}</h1><div class="actions">${actions}</div></div>
    ${text && html`<p class="view-text">${text}</p>`}
  </header>`;

export interface TileOptions {
  readonly title?: string;
  /** Buttons at its head. */
  readonly actions?: Children;
  /** Over the whole width of a grid. */
  readonly wide?: boolean;
}

export const tile = ({ title, actions, wide }: TileOptions, ...children: Children[]): Node =>
  html`<section class=${`tile${wide ? ' tile-wide' : ''}`} aria-label=${title}>
    ${(title !== undefined || actions) && html`<div class="tile-head">${title !== undefined && html`<h2>${title}</h2>`}${actions && html`<div class="actions">${actions}</div>`}</div>`}
    ${children}
  </section>`;

/** Tiles side by side where there is room. */
export const grid = (...tiles: Children[]): Node => html`<div class="grid">${tiles}</div>`;

/** The same for tiles that hold one figure each. */
export const figures = (...tiles: Children[]): Node => html`<div class="grid grid-figures">${tiles}</div>`;

/** What is called what; a value that is undefined is left out. */
export const facts = (rows: readonly (readonly [label: string, value: Children])[]): Node =>
  html`<dl class="facts">${rows.map(
    ([label, value]) => value !== undefined && html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>`;

/** One large figure. */
export const figure = (label: string, value: Children, note?: Children): Node =>
  html`<div class="figure"><div class="figure-label">${label}</div><div class="figure-value">${value}</div>${note !== undefined && html`<div class="figure-note">${note}</div>`}</div>`;

export type State = 'success' | 'error' | 'warning' | 'info' | 'pending';

/** A state: a sign and a word, so that it does not depend on colours. */
export const state = (kind: State, text: string): Node =>
  html`<span class="state">${icon(kind satisfies IconName, `icon-${kind}`)}<span>${text}</span></span>`;

/** A label, such as a role. */
export const tag = (text: string, kind: 'plain' | 'blue' | 'red' | 'green' = 'plain'): Node =>
  html`<span class=${`tag tag-${kind}`}>${text}</span>`;

/** What is said where there is nothing to show yet. */
export const empty = (title: string, text?: Children, ...actions: Children[]): Node =>
  html`<div class="empty"><p class="empty-title">${title}</p>${text && html`<p>${text}</p>`}${actions.length > 0 && html`<div class="actions">${actions}</div>`}</div>`;

/** While the first answer is awaited. */
export const loading = (what = 'values'): Node =>
  html`<div class="loading" role="status"><span class="spinner" aria-hidden="true"></span>Loading ${what} …</div>`;
