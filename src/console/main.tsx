import { render } from 'preact';
import { App } from './app.tsx';
import { browserClock } from './browser-clock.ts';
import { createControlApi } from './control-api.ts';
import { Console } from './state/console.ts';
import { ConsoleContext } from './state/context.ts';
import { readTheme, showTheme } from './theme.ts';

showTheme(readTheme());
// The page is served from the folder of the control API.
const page = new Console(createControlApi(new URL('.', location.href).pathname.replace(/\/$/, '')), browserClock);
page.start();
render(
  <ConsoleContext.Provider value={page}>
    <App />
  </ConsoleContext.Provider>,
  document.body,
);
