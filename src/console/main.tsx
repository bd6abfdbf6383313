import { render } from 'preact';
import { App } from './app.tsx';
import { browserClock } from './browser-clock.ts';
import { ConsoleState } from './state/console-state.ts';
import { ConsoleContext } from './state/context.ts';
import { readTheme, showTheme } from './theme.ts';

showTheme(readTheme());
// The page is served from the folder of the control API.
const page = new ConsoleState(new URL('.', location.href).pathname.replace(/\/$/, ''), browserClock);
page.start();
render(
  <ConsoleContext.Provider value={page}>
    <App />
  </ConsoleContext.Provider>,
  document.body,
);
