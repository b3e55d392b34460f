// A certificate, request or key that is handed over: pasted, or as a file. DER files become base64, which the API takes too.

import { html, type Node } from '../html.ts';
import { ProblemError } from '../problem.ts';
import { areaField, fileField } from './field.ts';
import type { FormValues } from './form.ts';

/** What is asked for, and by which name the form reads it. */
export interface PemOptions {
  readonly name: string;
  /** Such as `Certificate`. */
  readonly label: string;
  readonly help?: string;
  readonly accept?: string;
  /** The text's first line, shown as an example. */
  readonly example?: string;
  readonly required?: boolean;
}

const certificates = '.pem,.crt,.cer,.der';

/** A field to paste into, and one for a file. */
export const pemFields = ({ name, label, help, accept, example, required = true }: PemOptions): Node =>
  html`${areaField({
    name,
    label,
    rows: 5,
    required: false,
    either: required,
    placeholder: example ?? '-----BEGIN CERTIFICATE-----',
    ...(help !== undefined && { help }),
  })}
  ${fileField({
    name: `${name}-file`,
    label: `${label}, as a file`,
    required: false,
    either: required,
    accept: accept ?? certificates,
    ...(required && { help: 'Instead of the text.' }),
  })}`;

/** What was pasted, or else the file; undefined where there is neither. */
export const optionalPem = async (values: FormValues, name: string): Promise<string | undefined> => {
  const pasted = values.text(name);
  if (pasted !== '') return pasted;
  const file = values.file(`${name}-file`);
  return file && asText(await file.arrayBuffer());
};

/** The same; throws a ProblemError where there is neither. */
export const readPem = async (values: FormValues, name: string, what: string): Promise<string> => {
  const given = await optionalPem(values, name);
  if (given !== undefined) return given;
  throw new ProblemError(
    { kind: 'missing-data', message: `${what} is missing`, hint: 'paste it, or choose its file' },
    0,
  );
};

/** A sequence of DER begins with 0x30, which as a text would be a 0. */
const asText = (bytes: ArrayBuffer): string => {
  const all = new Uint8Array(bytes);
  return all[0] === 0x30 && (all[1] ?? 0) >= 0x80 ? base64Of(all) : new TextDecoder().decode(all);
};

/** The bytes in base64. */
export const base64Of = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
