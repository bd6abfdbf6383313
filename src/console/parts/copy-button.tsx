import { useEffect, useState } from 'preact/hooks';
import { useConsole } from '../state/context.ts';
import { Icon } from './icon.tsx';

const SHOWN_MS = 1_600;

/** Copies a text, and shows for a short time that it did. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const { browserClock, notice } = useConsole();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = browserClock.setTimeout(() => setCopied(false), SHOWN_MS);
    return () => timer.cancel();
  }, [copied]);
  const copy = () => {
    // Browsers allow the clipboard only to pages of this machine and over HTTPS.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    written.then(
      () => setCopied(true),
      () => notice.show('This browser does not let the page copy; select the text and copy it yourself.'),
    );
  };
  return (
    <button type="button" class="copy" aria-label={`Copy ${what}`} onClick={copy}>
      <Icon name={copied ? 'done' : 'copy'} />
      <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
    </button>
  );
}
