import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon.tsx';

export interface FieldProps {
  readonly label: string;
  /** What is to be typed, in a few words. */
  readonly hint?: ComponentChildren;
  /** Why the emulator refused what was typed. */
  readonly refusal?: string | undefined;
  readonly children: (attributes: FieldAttributes) => ComponentChildren;
}

/** For the control, so that it has the texts around it as its name and its description. */
export interface FieldAttributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

/** A control of a form with its name, and below it a hint or the reason of a refusal. */
export function Field({ label, hint, refusal, children }: FieldProps) {
  const id = useId();
  const isDescribed = hint !== undefined || refusal !== undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': isDescribed ? `${id}-about` : undefined,
        'aria-invalid': refusal === undefined ? undefined : true,
      })}
      <p id={`${id}-about`} class={refusal === undefined ? 'hint' : 'field-refusal'} aria-live="polite">
        {refusal === undefined ? (
          hint
        ) : (
          <>
            <Icon name="warning" /> {refusal}
          </>
        )}
      </p>
    </div>
  );
}

export interface TextLineProps extends Omit<FieldProps, 'children'> {
  readonly type?: 'text' | 'number' | 'datetime-local';
  readonly required?: boolean;
  /** The id of a list of suggestions. */
  readonly list?: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}

/** A line of text. What it may hold is checked by the emulator. */
export function TextLine({ label, hint, refusal, type = 'text', onInput, ...input }: TextLineProps) {
  return (
    <Field label={label} hint={hint} refusal={refusal}>
      {(attributes) => (
        <input
          type={type}
          step={type === 'datetime-local' ? 1 : undefined}
          spellcheck={false}
          {...input}
          {...attributes}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface ChoiceProps extends Omit<FieldProps, 'children'> {
  readonly choices: readonly (readonly [value: string, name: string])[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
}

/** One of a few values. */
export function Choice({ label, hint, refusal, choices, value, onChoose }: ChoiceProps) {
  return (
    <Field label={label} hint={hint} refusal={refusal}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
          {choices.map(([choice, name]) => (
            <option key={choice} value={choice}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** The reason of a refusal that is about no field of the form. */
export function FormRefusal({ text }: { readonly text: string | undefined }) {
  return (
    <p class="form-refusal" role="alert">
      {text !== undefined && (
        <>
          <Icon name="warning" /> <span>{text}</span>
        </>
      )}
    </p>
  );
}
