// What a view of the page is: a row in the table of views, and a function of where one is.

import type { Role } from '../api/schema.ts';
import type { Node } from './html.ts';
import type { Session } from './session.ts';

export interface ViewProps {
  readonly session: Session;
  /** What follows the view's own name in the address: `['prod']` of #/instances/prod. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export interface View {
  /** The first part of the address; empty for the one at the beginning. */
  readonly name: string;
  readonly title: string;
  readonly role: Role;
  /** Views that another one leads to are not in the navigation. */
  readonly inNavigation?: false;
  readonly component: (props: ViewProps) => Node | null;
}
