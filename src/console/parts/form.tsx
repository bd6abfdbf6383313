import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { roughly } from '../format.ts';

export interface FormProps {
  readonly class: string;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}

/** A form that calls `onSubmit`; the browser sends no request for it. */
export function Form({ class: className, onSubmit, children }: FormProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form class={className} onSubmit={submit}>
      {children}
    </form>
  );
}

export interface TextFieldProps
  extends Pick<InputHTMLAttributes, 'required' | 'maxLength' | 'pattern' | 'title' | 'placeholder' | 'inputMode'> {
  readonly label: ComponentChildren;
  readonly value: string;
  readonly onInput: (text: string) => void;
}

export function TextField({ label, onInput, ...input }: TextFieldProps) {
  return (
    <label>
      {label}
      <input type="text" {...input} onInput={({ currentTarget }) => onInput(currentTarget.value)} />
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
