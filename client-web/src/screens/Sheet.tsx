// A dialog: keeps the focus inside, closes with Escape, gives the focus back.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../hud/icons';

export function Sheet(props: {
  title: string;
  narrow?: boolean;
  close: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`sheet ${props.narrow ? 'narrow' : ''}`}
      aria-label={props.title}
      onCancel={(e) => {
        e.preventDefault();
        props.close();
      }}
    >
      <div class="sheetHead">
        <h2>{props.title}</h2>
        <button type="button" class="iconButton" aria-label="Close" onClick={props.close}>
          <Icon name="close" />
        </button>
      </div>
      <div class="sheetBody">{props.children}</div>
    </dialog>
  );
}
