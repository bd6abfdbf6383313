import { CopyButton } from '../parts/copy-button.tsx';

export interface Address {
  readonly name: string;
  readonly text: string;
}

/** Addresses to copy, each under its name. */
export function Addresses({ all }: { readonly all: readonly Address[] }) {
  return (
    <dl class="obs">
      {all.map(({ name, text }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{text}</code> <CopyButton text={text} what={name} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
