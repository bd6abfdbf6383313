import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';
import { roughly } from '../format.ts';
import { usePending } from './use-pending.ts';

export interface FormProps {
  readonly class: string;
  readonly onSubmit: () => Promise<unknown>;
  readonly children: ComponentChildren;
}

/** A form that calls `onSubmit`, once at a time; the browser sends no request for it. */
export function Form({ class: className, onSubmit, children }: FormProps) {
  const [isPending, start] = usePending(onSubmit);
  const submit = (event: Event) => {
    event.preventDefault();
    start();
  };
  return (
    <form class={className} aria-busy={isPending} onSubmit={submit}>
      {children}
    </form>
  );
}

export interface TextFieldProps
  extends Pick<InputHTMLAttributes, 'required' | 'maxLength' | 'pattern' | 'title' | 'placeholder' | 'inputMode'> {
  readonly label: ComponentChildren;
  readonly value: string;
  readonly onInput: (text: string) => void;
  /** Texts that the browser offers while one types; any other may be given too. */
  readonly suggestions?: readonly string[] | undefined;
}

export function TextField({ label, onInput, suggestions = [], ...input }: TextFieldProps) {
  const id = useId();
  const list = suggestions.length > 0 ? id : undefined;
  return (
    <label>
      {label}
      <input type="text" {...input} list={list} onInput={({ currentTarget }) => onInput(currentTarget.value)} />
      {list && (
        <datalist id={list}>
          {suggestions.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </label>
  );
}

export interface CheckBoxProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ComponentChildren;
}

export function CheckBox({ checked, onChange, children }: CheckBoxProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />{' '}
      {children}
    </label>
  );
}

export interface ExpiryFieldProps {
  readonly choicesSec: readonly number[];
  readonly value: number;
  readonly onChange: (expiresSec: number) => void;
}

/** How long a signature is valid. */
export function ExpiryField({ choicesSec, value, onChange }: ExpiryFieldProps) {
  return (
    <label>
      Valid for{' '}
      <select value={value} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
        {choicesSec.map((sec) => (
          <option key={sec} value={sec}>
            {roughly(sec * 1000)}
          </option>
        ))}
      </select>
    </label>
  );
}
