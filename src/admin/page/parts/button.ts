// Buttons. One that needs a route is not there at all for a role that may not ask it.

import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import type { RouteName } from '../../api/table.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { may, type Session } from '../session.ts';
import { type IconName, icon } from './icon.ts';
import { leadsToOpenView, OpenViews } from './link.ts';

/** Who is signed in, for every part of the page. */
export const SessionContext = createContext<Session | undefined>(undefined);

export interface ButtonOptions {
  /** `danger` is for what cannot be undone. */
  readonly kind?: 'primary' | 'secondary' | 'tertiary' | 'ghost' | 'danger';
  readonly icon?: IconName;
  /** May take a while: the button is out of use until it ends. */
  readonly onClick?: () => unknown;
  readonly disabled?: boolean;
  readonly type?: 'button' | 'submit';
  /** Where it leads, instead of what it does. It is not there for a role that may not see the view. */
  readonly href?: string;
  readonly needs?: RouteName;
  /** What it does, where its text alone does not say so: `Remove prod`. */
  readonly label?: string;
  readonly small?: boolean;
}

export const button = (options: ButtonOptions, ...text: Children[]): Node => put(Button, options, ...text);

const Button = ({ children, ...options }: ButtonOptions & { readonly children?: Children }): Node | null => {
  const session = useContext(SessionContext);
  const views = useContext(OpenViews);
  const [busy, setBusy] = useState(false);
  const { kind = 'primary', type = 'button', needs, href, label, disabled = false } = options;
  if (needs && !(session && may(session, needs))) return null;
  if (href?.startsWith('#') && !leadsToOpenView(href, views)) return null;
  const look = `button button-${kind}${options.small ? ' button-small' : ''}`;
  const inner = html`${children}${options.icon && icon(options.icon)}`;
  if (href !== undefined) return html`<a class=${look} href=${href} aria-label=${label}>${inner}</a>`;
  const click = async (): Promise<void> => {
    setBusy(true);
    try {
      await options.onClick?.();
    } finally {
      setBusy(false);
    }
  };
  return html`<button class=${look} type=${type} aria-label=${label} disabled=${disabled || busy} aria-busy=${busy}
    onClick=${options.onClick && (() => void click())}>${inner}</button>`;
};
