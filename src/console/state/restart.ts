/** The page loads itself anew when another emulator answers, and says so afterwards. */
import { effect } from '@preact/signals';
import type { Info } from '../api-client.ts';
import type { Notice } from './notice.ts';
import { restartText } from './restart-text.ts';

const KEY = 'oss-livechannel-restarted';

/** Long enough to read what is there and what is not. */
const SHOWN_MS = 30_000;

export interface RestartedPage {
  readonly notice: Pick<Notice, 'show'>;
  readonly info: { readonly value: Pick<Info, 'storage'> | undefined };
}

/** @param storage of the emulator that answered before, if that is known */
export function loadAnew(storage: string | undefined): void {
  sessionStorage.setItem(KEY, storage ?? '');
  location.reload();
}

/** Says it as soon as the emulator has told where it stores. */
export function tellOfRestart({ notice, info }: RestartedPage): void {
  const before = sessionStorage.getItem(KEY);
  if (before === null) return;
  sessionStorage.removeItem(KEY);
  const stop = effect(() => {
    const now = info.value?.storage;
    if (now === undefined) return;
    notice.show(restartText(before, now), SHOWN_MS);
    queueMicrotask(() => stop());
  });
}
