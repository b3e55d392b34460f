// Forms: what is typed is read when it is sent, what is missing is said at its field, and a refusal of the server stands at
// the form with the server's own advice. The focus goes to the first field that needs attention.

import { createContext } from 'preact';
import { useContext, useRef, useState } from 'preact/hooks';
import { type RouteName, routes } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { type Children, html, type Node, put } from '../html.ts';
import { type ProblemError, problemOf } from '../problem.ts';
import { may } from '../session.ts';
import { button, SessionContext } from './button.ts';
import { problemNotice } from './notification.ts';

/** What is wrong with which field, by its name. */
export const FieldProblems = createContext<Readonly<Record<string, string>>>({});

/** What was typed, by the names of the fields. */
export class FormValues {
  readonly #data: FormData;

  constructor(data: FormData) {
    this.#data = data;
  }

  /** As it was typed; empty where there is no such field. */
  raw(name: string): string {
    const value = this.#data.get(name);
    return typeof value === 'string' ? value : '';
  }

  /** Without the spaces around it. */
  text(name: string): string {
    return this.raw(name).trim();
  }

  /** Undefined where nothing was typed. */
  optional(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  checked(name: string): boolean {
    return this.#data.has(name);
  }

  file(name: string): File | undefined {
    const value = this.#data.get(name);
    return value instanceof File && value.size > 0 ? value : undefined;
  }
}

export interface FormOptions {
  /** What the button that sends it says. */
  readonly submit: string;
  readonly danger?: boolean;
  /** For a role that may not ask it there is a word instead of the form. */
  readonly needs?: RouteName;
  /** What it throws stands at the form. */
  readonly onSubmit: (values: FormValues) => Promise<unknown>;
  readonly onCancel?: () => void;
  /** What the button that does it says. Default: Cancel. */
  readonly cancel?: string;
  /** Spoken when it has worked. */
  readonly done?: string;
  /** False: it may not be sent yet. */
  readonly ready?: boolean;
}

export const form = (options: FormOptions, ...fields: Children[]): Node => put(Form, options, ...fields);

const Form = (options: FormOptions & { readonly children?: Children }): Node => {
  const session = useContext(SessionContext);
  if (options.needs && !(session && may(session, options.needs))) {
    return html`<p class="field-help">This needs the role ${routes[options.needs].role}.</p>`;
  }
  return put(OpenForm, options);
};

const OpenForm = (options: FormOptions & { readonly children?: Children }): Node => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | undefined>(undefined);
  const [invalid, setInvalid] = useState<Readonly<Record<string, string>>>({});
  const box = useRef<HTMLFormElement>(null);

  const send = async (element: HTMLFormElement): Promise<void> => {
    const wrong = invalidFields(element);
    setInvalid(wrong);
    const [first] = Object.keys(wrong);
    if (first !== undefined) return focusField(element, first);
    setBusy(true);
    setProblem(undefined);
    try {
      await options.onSubmit(new FormValues(new FormData(element)));
      if (options.done !== undefined) announce(options.done);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };

  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy && options.ready !== false && box.current) void send(box.current);
  };
  return html`<form class="form" ref=${box} noValidate onSubmit=${submit} aria-busy=${busy}>
    ${html`<${FieldProblems.Provider} value=${invalid}>${options.children}<//>`}
    ${problemNotice(problem)}
    <div class="actions form-actions">
      ${options.onCancel && button({ kind: 'secondary', onClick: options.onCancel }, options.cancel ?? 'Cancel')}
      ${button(
        {
          type: 'submit',
          kind: options.danger ? 'danger' : 'primary',
          disabled: busy || options.ready === false,
        },
        busy ? `${options.submit} …` : options.submit,
      )}
    </div>
  </form>`;
};

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const isControl = (element: Element): element is Control =>
  element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement;

const invalidFields = (element: HTMLFormElement): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const control of element.elements) {
    if (isControl(control) && control.name !== '' && !control.validity.valid) found[control.name] = textOf(control);
  }
  return found;
};

const textOf = ({ validity, validationMessage, title }: Control): string => {
  if (validity.valueMissing) return 'This is needed.';
  return validity.patternMismatch && title !== '' ? title : validationMessage;
};

const focusField = (element: HTMLFormElement, name: string): void => {
  const control = element.elements.namedItem(name);
  if (control instanceof HTMLElement) control.focus();
};
