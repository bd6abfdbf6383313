import { render } from 'preact';
import { App } from './app.tsx';
import { browserClock } from './browser-clock.ts';
import { createSend } from './send.ts';
import { ConsoleState } from './state/console-state.ts';
import { ConsoleContext } from './state/context.ts';
import { loadAnew, tellOfRestart } from './state/restart.ts';
import { readTheme, showTheme } from './theme.ts';

showTheme(readTheme());
const token = document.querySelector('meta[name="emulator-token"]')?.getAttribute('content') ?? '';
const send = createSend(token, () => loadAnew(page.info.value?.storage));
// The page is served from the folder of the control API.
const page = new ConsoleState(new URL('.', location.href).pathname.replace(/\/$/, ''), send, browserClock);
tellOfRestart(page);
page.start();
render(
  <ConsoleContext.Provider value={page}>
    <App />
  </ConsoleContext.Provider>,
  document.body,
);
