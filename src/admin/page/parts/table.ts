// Data tables. On a phone's width each row becomes a small card, with its column's title before each value.

import { type Children, html, type Node } from '../html.ts';
import { empty } from './tile.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Children;
  /** `number` stands at the right, `code` in a fixed width, `actions` has no visible title. */
  readonly kind?: 'text' | 'number' | 'code' | 'actions';
}

export interface TableOptions<Row> {
  /** What it is a table of: spoken, and shown unless `hideCaption`. */
  readonly caption: string;
  readonly hideCaption?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly key: (row: Row) => string;
  /** What is said where there are no rows. */
  readonly none: string;
  readonly noneText?: Children;
}

// The roles are those that the elements have anyway: browsers forget them once the elements are laid out as cards.
export const table = <Row>({ caption, hideCaption, columns, rows, key, none, noneText }: TableOptions<Row>): Node => {
  if (rows.length === 0) return empty(none, noneText);
  return html`<div class="table-box"><table class="table" role="table">
    <caption class=${hideCaption ? 'only-spoken' : undefined}>${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map(
      ({ title, kind = 'text' }) =>
        html`<th scope="col" role="columnheader" class=${`cell-${kind}`}>${kind === 'actions' ? html`<span class="only-spoken">${title}</span>` : title}</th>`,
    )}</tr></thead>
    <tbody role="rowgroup">${rows.map((row) => html`<tr key=${key(row)} role="row">${columns.map((column) => cell(column, row))}</tr>`)}</tbody>
  </table></div>`;
};

const cell = <Row>({ title, cell: content, kind = 'text' }: Column<Row>, row: Row): Node =>
  html`<td role="cell" class=${`cell-${kind}`} data-title=${kind === 'actions' ? undefined : title}>${content(row)}</td>`;
