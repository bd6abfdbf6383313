import { CopyButton } from './copy-button.tsx';

export interface NamedText {
  readonly name: string;
  readonly text: string;
  /** For the copy button, where it is not the name. */
  readonly what?: string;
}

/** Short texts to copy, each beside its name. */
export function NamedTexts({ all }: { readonly all: readonly NamedText[] }) {
  return (
    <dl class="obs">
      {all.map(({ name, text, what = name }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{text}</code> <CopyButton text={text} what={what} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What OBS needs to push. */
export function ObsLines({ server, streamKey }: { readonly server: string; readonly streamKey: string }) {
  return (
    <>
      <p class="hint">Settings → Stream → Service “Custom…”.</p>
      <NamedTexts
        all={[
          { name: 'Server', text: server, what: 'server' },
          { name: 'Stream key', text: streamKey, what: 'stream key' },
        ]}
      />
    </>
  );
}

/** Code to copy, below a hint about its use. */
export function CodeLines({
  name,
  hint,
  code,
}: {
  readonly name: string;
  readonly hint: string;
  readonly code: string;
}) {
  return (
    <>
      <p class="hint">{hint}</p>
      <div class="lines">
        <pre>
          <code>{code}</code>
        </pre>
        <CopyButton text={code} what={name} />
      </div>
    </>
  );
}
