/** The page loads itself anew when another emulator answers, and says so afterwards. */
import type { Notice } from './notice.ts';

const KEY = 'oss-livechannel-restarted';

export function loadAnew(): void {
  sessionStorage.setItem(KEY, 'yes');
  location.reload();
}

export function tellOfRestart(notice: Pick<Notice, 'show'>): void {
  if (sessionStorage.getItem(KEY) === null) return;
  sessionStorage.removeItem(KEY);
  notice.show(
    'The emulator was started anew, and has forgotten what it had in memory. What was typed into forms is still there.',
  );
}
