/** Debian's Chromium as a viewer. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';

const PLAYER = fileURLToPath(new URL('./whep-player.js', import.meta.url));

/** A page with the functions of `whep-player.js`. */
export async function openWhepPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.addScriptTag({ path: PLAYER });
  return page;
}
