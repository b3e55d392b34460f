// The frame around every view: the head with who is signed in, the navigation, and a boundary that keeps an error of one
// view from taking the page with it.

import { Component } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { LiveRegion } from './announce.ts';
import { type Children, html, type Node, put } from './html.ts';
import { button } from './parts/button.ts';
import { icon } from './parts/icon.ts';
import { OpenViews } from './parts/link.ts';
import { notification, sentence } from './parts/notification.ts';
import { heading } from './parts/tile.ts';
import { messageOf } from './problem.ts';
import { linkTo, type Place } from './router.ts';
import { hasRole, type Session } from './session.ts';
import type { View } from './view.ts';
import { views } from './views.ts';

export interface FrameProps {
  readonly session: Session;
  readonly place: Place;
  readonly onSignOut: () => Promise<void>;
}

export const Frame = ({ session, place, onSignOut }: FrameProps): Node => {
  const [name = '', ...path] = place.path;
  const open = useMemo(() => views.filter(({ role }) => hasRole(session, role)), [session]);
  const openNames = useMemo(() => new Set(open.map((one) => one.name)), [open]);
  const view = open.find((one) => one.name === name);
  const [menuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const address = place.path.join('/');
  const shown = useRef(address);
  useEffect(() => {
    document.title = `${view?.title ?? 'Not found'} – kmip-edge`;
    setMenuOpen(false);
    // Whoever follows a link by keyboard or screen reader goes on at the new view's title.
    if (shown.current !== address) main.current?.querySelector<HTMLElement>('h1')?.focus();
    shown.current = address;
    scrollTo(0, 0);
  }, [address]);
  const content = view
    ? html`<${Boundary} key=${address}>${put(view.component, { session, path, query: place.query })}<//>`
    : html`${heading({ title: 'There is nothing at this address' })}${button({ href: linkTo([]) }, 'Go to the overview')}`;
  return html`<${LiveRegion} />
    <a class="skip" href="#main" onClick=${(event: Event) => skip(event, main.current)}>Skip to the content</a>
    <header class="bar">
      <button type="button" class="bar-button bar-menu" aria-label=${menuOpen ? 'Close the menu' : 'Open the menu'} aria-expanded=${menuOpen}
        aria-controls="navigation" onClick=${() => setMenuOpen(!menuOpen)}>${icon(menuOpen ? 'close' : 'menu')}</button>
      <a class="bar-name" href=${linkTo([])}>kmip-edge</a>
      <div class="bar-user">${icon('user')}<span class="bar-user-name">${session.name}${session.role !== session.name && html`<span class="bar-role">, ${session.role}</span>`}</span>
        <button type="button" class="bar-button bar-text" onClick=${() => void onSignOut()}>Sign out</button></div>
    </header>
    <nav id="navigation" class=${`side${menuOpen ? ' side-open' : ''}`} aria-label="Main">
      <ul>${open.filter(({ inNavigation }) => inNavigation !== false).map((one) => entry(one, one === view))}</ul>
    </nav>
    <main id="main" ref=${main} tabindex="-1"><${OpenViews.Provider} value=${openNames}>${content}<//></main>`;
};

const entry = ({ name, title }: View, current: boolean): Node =>
  html`<li key=${name}><a href=${linkTo(name === '' ? [] : [name])} aria-current=${current ? 'page' : undefined}>${title}</a></li>`;

/** The address after # is the router's, so the jump is made by hand. */
const skip = (event: Event, main: HTMLElement | null): void => {
  event.preventDefault();
  main?.focus();
};

interface BoundaryProps {
  readonly children?: Children;
}

class Boundary extends Component<BoundaryProps, { readonly problem?: string }> {
  static override getDerivedStateFromError(error: unknown): { readonly problem: string } {
    return { problem: messageOf(error) };
  }

  override render(): Children {
    const { problem } = this.state;
    if (problem === undefined) return this.props.children;
    return html`${heading({ title: 'This view could not be shown' })}
      ${notification(
        { kind: 'error', title: sentence(problem), text: 'The rest of the page can be used.', spoken: true },
        button({ kind: 'tertiary', small: true, onClick: () => location.reload() }, 'Load the page again'),
      )}`;
  }
}
