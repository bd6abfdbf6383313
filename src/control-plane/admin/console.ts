import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context, Middleware } from 'koa';
import { hasErrorCode } from '../../base/error-code.ts';
import { packageFile } from '../../base/package-root.ts';

const BUILT_CONSOLE = packageFile('dist/console');

const INDEX = 'index.html';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

/** Names of files that the build makes: `main-4F2KZP7Q.js`, `index.html`, `licenses.txt`. A path never matches. */
const FILE_NAME = /^[a-z][\w.]*(-[A-Z0-9]{8})?\.(html|js|css|txt)$/;

/** A file with a hash in its name never changes. */
const HASHED_NAME = /-[A-Z0-9]{8}\./;

/**
 * The page loads no code but its own, which the nonce marks: path-style objects have its origin, and a browser may have
 * them in its cache. Media may be from elsewhere: a bucket that is named in the host has another origin than the page.
 */
const contentSecurityPolicy = (nonce: string) => [
  "default-src 'none'",
  `script-src 'nonce-${nonce}'`,
  "style-src 'self' 'unsafe-inline'", // positions on charts and the timeline
  "img-src 'self' data:",
  "worker-src 'none'",
  "connect-src 'self' blob: http: https:", // a playlist that the page makes of one fragment,
  'media-src blob: http: https:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/** In index.html, where the build leaves them. */
const TOKEN_PLACE = '{{token}}';
const NONCE_PLACE = '{{nonce}}';

/** Names of the files that the page begins with and that are not there; its index itself when that is not. */
export async function missingPageFiles(folder = BUILT_CONSOLE): Promise<readonly string[]> {
  const index = await readIfThere(join(folder, INDEX));
  if (!index) return [INDEX];
  const named = [...index.toString().matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = '']) => name);
  const files = named.filter((name) => FILE_NAME.test(name)).flatMap((name) => [name, `${name}.gz`]);
  return files.filter((name) => !existsSync(join(folder, name)));
}

/**
 * Serves the page that `npm run build` makes of src/console: `<prefix>/` and its files. Other requests go to the next
 * middleware.
 *
 * @param token given to the page, so only a browser that opens it in a window of its own gets the page: nothing else can
 * read it
 */
export function serveConsole(prefix: string, token: string, folder = BUILT_CONSOLE): Middleware {
  return async (context, next) => {
    if (context.path === prefix) {
      context.redirect(`${prefix}/`);
      return;
    }
    const name = context.path.slice(prefix.length + 1) || INDEX;
    if (!['GET', 'HEAD'].includes(context.method) || !FILE_NAME.test(name)) return next();
    if (name === INDEX && !isOpenedInWindow(context)) {
      context.status = 403;
      context.body = { error: 'The page opens in a window of its own only.' };
      return;
    }
    const isHashed = HASHED_NAME.test(name);
    const compressed = isHashed && context.acceptsEncodings('gzip', 'identity') === 'gzip';
    const content = await readIfThere(join(folder, compressed ? `${name}.gz` : name));
    if (!content) {
      if (name !== INDEX) return next();
      context.status = 503;
      context.body = { error: 'The page was not built; run `npm run build`.' };
      return;
    }
    const nonce = randomBytes(16).toString('base64url');
    context.set({
      'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-store',
      'content-security-policy': contentSecurityPolicy(nonce).join('; '),
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      ...(isHashed && { vary: 'accept-encoding' }),
      ...(compressed && { 'content-encoding': 'gzip' }),
    });
    context.type = CONTENT_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    context.body =
      name === INDEX ? content.toString().replace(TOKEN_PLACE, token).replace(NONCE_PLACE, nonce) : content;
  };
}

/** Not in a frame and not by a script. Programs and old browsers send no Fetch Metadata. */
function isOpenedInWindow(context: Context): boolean {
  const destination = context.get('sec-fetch-dest');
  return destination === '' || destination === 'document';
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
