// Markup in template strings: html`<p class="note">${text}</p>`. What is put in is text, never markup, so nothing that
// comes from outside can become part of the page's code. Our own parts (parts/*.ts) are not written as tags but called as
// functions, `${tile({ title }, …)}`, so that tsc checks what they are given.

import { html as template } from 'htm/preact';
import { type ComponentChildren, type FunctionComponent, h, type VNode } from 'preact';

/** Whatever may stand inside an element. */
export type Children = ComponentChildren;
/** One element. */
export type Node = VNode;

export const html: (strings: TemplateStringsArray, ...values: readonly unknown[]) => Node = template;

/** Puts in a part that has a state of its own; `key` tells it from another one that was at its place before. */
export const put = <P extends object>(
  component: (props: P) => Node | null,
  props: P & { readonly key?: string },
  ...children: Children[]
): Node => h(component as unknown as FunctionComponent, props, ...children);
