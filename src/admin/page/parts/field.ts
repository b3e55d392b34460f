// The fields of a form, each with its label, its help and what is wrong with it, tied together for screen readers.

import { useContext, useId } from 'preact/hooks';
import { type Children, html, type Node, put } from '../html.ts';
import { FieldProblems } from './form.ts';

export interface FieldOptions {
  /** By which the form reads it. */
  readonly name: string;
  readonly label: string;
  readonly help?: Children;
  /** Default: true. */
  readonly required?: boolean;
  /** One of two ways to give the same: not needed by itself, and not optional either. */
  readonly either?: boolean;
  /** What it holds at first. */
  readonly value?: string;
  readonly disabled?: boolean;
}

export interface TextOptions extends FieldOptions {
  readonly type?: 'text' | 'password' | 'number' | 'url' | 'search' | 'date' | 'datetime-local';
  readonly placeholder?: string;
  readonly autocomplete?: string;
  /** The pattern that it must match whole, and what is said where it does not. */
  readonly pattern?: readonly [pattern: string, text: string];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly onInput?: (value: string) => void;
  /** Takes the focus when it appears; for the first field of a page of its own. */
  readonly focus?: boolean;
}

/** A line of text. A name is `pattern: namePattern`. */
export const textField = (options: TextOptions): Node => put(TextField, options);

/** What the management API takes as a name. */
export const namePattern = [
  '[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}',
  'Letters, digits, dots, dashes and underscores, at most 64, beginning with a letter or digit.',
] as const;

const TextField = (options: TextOptions): Node => {
  const { name, type = 'text', required = true, pattern, onInput } = options;
  return withLabel(
    options,
    (
      id,
      described,
      wrong,
    ) => html`<input class="input" id=${id} name=${name} type=${type} defaultValue=${options.value ?? ''}
      required=${required} disabled=${options.disabled} placeholder=${options.placeholder} autocomplete=${options.autocomplete ?? 'off'}
      pattern=${pattern?.[0]} title=${pattern?.[1]} minLength=${options.minLength} maxLength=${options.maxLength}
      min=${options.minimum} max=${options.maximum} spellcheck=${false} autocapitalize="none"
      aria-describedby=${described} aria-invalid=${wrong} ref=${options.focus ? focusOnce : undefined}
      onInput=${onInput && ((event: Event) => onInput((event.currentTarget as HTMLInputElement).value))} />`,
  );
};

/** A field that is new on the page: focused when it is put in, and not again. */
const focusOnce = (element: HTMLInputElement | null): void => element?.focus();

export interface AreaOptions extends FieldOptions {
  readonly rows?: number;
  readonly placeholder?: string;
  readonly maxLength?: number;
}

/** Several lines, such as a certificate. */
export const areaField = (options: AreaOptions): Node => put(AreaField, options);

const AreaField = (options: AreaOptions): Node =>
  withLabel(
    options,
    (
      id,
      described,
      wrong,
    ) => html`<textarea class="input input-area" id=${id} name=${options.name} rows=${options.rows ?? 8}
      required=${options.required ?? true} disabled=${options.disabled} placeholder=${options.placeholder} maxLength=${options.maxLength ?? 65536}
      spellcheck=${false} autocomplete="off" aria-describedby=${described} aria-invalid=${wrong} defaultValue=${options.value ?? ''}></textarea>`,
  );

export interface SelectOptions extends FieldOptions {
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange?: (value: string) => void;
}

export const selectField = (options: SelectOptions): Node => put(SelectField, options);

const SelectField = (options: SelectOptions): Node => {
  const { onChange, value } = options;
  return withLabel(
    options,
    (
      id,
      described,
      wrong,
    ) => html`<select class="input" id=${id} name=${options.name} required=${options.required ?? true}
      disabled=${options.disabled} aria-describedby=${described} aria-invalid=${wrong}
      onChange=${onChange && ((event: Event) => onChange((event.currentTarget as HTMLSelectElement).value))}>
      ${options.options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select>`,
  );
};

export interface FileOptions extends FieldOptions {
  /** Names that are offered: `.pem,.crt`. */
  readonly accept?: string;
}

export const fileField = (options: FileOptions): Node => put(FileField, options);

const FileField = (options: FileOptions): Node =>
  withLabel(
    options,
    (
      id,
      described,
      wrong,
    ) => html`<input class="input input-file" id=${id} name=${options.name} type="file" accept=${options.accept}
      required=${options.required ?? true} disabled=${options.disabled} aria-describedby=${described} aria-invalid=${wrong} />`,
  );

export interface CheckOptions {
  readonly name: string;
  readonly label: Children;
  readonly checked?: boolean;
  readonly required?: boolean;
  readonly onChange?: (checked: boolean) => void;
}

export const checkField = (options: CheckOptions): Node => put(CheckField, options);

const CheckField = ({ name, label, checked, required, onChange }: CheckOptions): Node => {
  const id = useId();
  const wrong = useContext(FieldProblems)[name];
  return html`<div class="field field-check">
    <input id=${id} name=${name} type="checkbox" defaultChecked=${checked ?? false} required=${required ?? false} aria-invalid=${wrong !== undefined}
      aria-describedby=${wrong === undefined ? undefined : `${id}-wrong`}
      onChange=${onChange && ((event: Event) => onChange((event.currentTarget as HTMLInputElement).checked))} />
    <label for=${id}>${label}</label>
    ${wrong !== undefined && html`<p class="field-wrong" id=${`${id}-wrong`}>${wrong}</p>`}
  </div>`;
};

const withLabel = (
  { name, label, help, either, required = true }: FieldOptions,
  control: (id: string, described: string | undefined, wrong: boolean) => Node,
): Node => {
  const id = useId();
  const wrong = useContext(FieldProblems)[name];
  const described = [help && `${id}-help`, wrong !== undefined && `${id}-wrong`].filter(Boolean).join(' ') || undefined;
  return html`<div class=${`field${wrong === undefined ? '' : ' field-invalid'}`}>
    <label for=${id}>${label}${!required && !either && html` <span class="field-optional">(optional)</span>`}</label>
    ${control(id, described, wrong !== undefined)}
    ${wrong !== undefined && html`<p class="field-wrong" id=${`${id}-wrong`}>${wrong}</p>`}
    ${help && html`<p class="field-help" id=${`${id}-help`}>${help}</p>`}
  </div>`;
};
