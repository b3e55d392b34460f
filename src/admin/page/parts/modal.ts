// Windows over the page. The browser's own <dialog> keeps the focus inside, closes on Escape and gives the focus back.

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type Children, html, type Node, put } from '../html.ts';
import { textField } from './field.ts';
import { form } from './form.ts';
import { icon } from './icon.ts';

export interface ModalOptions {
  readonly title: string;
  readonly onClose: () => void;
}

export const modal = (options: ModalOptions, ...children: Children[]): Node => put(Modal, options, ...children);

const Modal = ({ title, onClose, children }: ModalOptions & { readonly children?: Children }): Node => {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const cancel = (event: Event): void => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog class="modal" ref=${box} aria-labelledby=${id} onCancel=${cancel}>
    <div class="modal-head"><h2 id=${id}>${title}</h2><button type="button" class="modal-close" aria-label="Close" onClick=${onClose}>${icon('close')}</button></div>
    <div class="modal-body">${children}</div>
  </dialog>`;
};

export interface ConfirmOptions extends ModalOptions {
  /** What the button says: `Remove client`. */
  readonly action: string;
  readonly danger?: boolean;
  /** What must be typed before it may be done. */
  readonly typed?: string;
  /** Does it; what it throws stands in the window. The window closes when it has worked. */
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks once more. The children say what will happen. */
export const confirm = (options: ConfirmOptions, ...children: Children[]): Node => put(Confirm, options, ...children);

const Confirm = ({ children, ...options }: ConfirmOptions & { readonly children?: Children }): Node => {
  const { title, onClose, action, danger, typed, onConfirm } = options;
  const [given, setGiven] = useState('');
  const send = async (): Promise<void> => {
    await onConfirm();
    onClose();
  };
  return modal(
    { title, onClose },
    children,
    form(
      {
        submit: action,
        danger: danger ?? false,
        onSubmit: send,
        onCancel: onClose,
        ready: typed === undefined || given === typed,
      },
      typed !== undefined && textField({ name: 'typed', label: `Type ${typed} to confirm`, onInput: setGiven }),
    ),
  );
};
