import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useConsole } from '../state/context.ts';

export interface ConfirmButtonProps {
  /** The question, which is the name of the dialog too. */
  readonly question: string;
  /** What will be gone. */
  readonly consequence: ComponentChildren;
  /** On the button that does it. */
  readonly verb: string;
  readonly action: () => Promise<unknown>;
  readonly class?: string;
  readonly isDisabled?: boolean;
  readonly children: ComponentChildren;
}

/** A button that asks before it does what cannot be undone; a refusal is shown. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { notice } = useConsole();
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  const confirm = () => {
    close();
    return notice.attempt(props.action);
  };
  return (
    <>
      <button type="button" class={props.class} disabled={props.isDisabled} onClick={() => dialog.current?.showModal()}>
        {props.children}
      </button>
      <dialog class="confirm" ref={dialog} aria-label={props.question}>
        <h2>{props.question}</h2>
        <div class="consequence">{props.consequence}</div>
        <div class="buttons">
          <button type="button" class="danger" onClick={confirm}>
            {props.verb}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
