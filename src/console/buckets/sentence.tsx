import { useState } from 'preact/hooks';
import { CallFailed } from '../api-client.ts';

/** For forms and dialogs, which cover the banner: why what was attempted did not work, in a sentence. */
export function useSentence() {
  const [text, setText] = useState<string>();
  const attempt = async (action: () => Promise<void>): Promise<void> => {
    setText(undefined);
    try {
      await action();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      setText(error.message);
    }
  };
  const sentence = text !== undefined && (
    <p class="why tone-bad" role="alert">
      {text}
    </p>
  );
  return { sentence, attempt };
}
