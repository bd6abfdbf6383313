/** Debian's Chromium as a viewer. */
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLAYER = fileURLToPath(new URL('./whep-player.js', import.meta.url));

/** No sandbox, for CI runs as root; the last three let it find a machine that has no network besides itself. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--force-webrtc-ip-handling-policy=default',
];

export function launchWhepBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

/** A page with the functions of `whep-player.js`. */
export async function openWhepPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.addScriptTag({ path: PLAYER });
  return page;
}
