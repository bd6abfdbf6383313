import type { Context, Middleware, Next } from 'koa';

/** The addresses at which streams and rooms are watched, each with the part of the page that shows them. */
const PLACES: readonly (readonly [path: RegExp, place: string])[] = [
  [/^\/live\/([^/]+)\/([^/.]+)$/, 'streams'],
  [/^\/rooms\/([^/]+)\/([^/]+)(?:\/[^/]+)?$/, 'rooms'],
];

/** Takes `%2F` before a segment `.` or `..` for the slash: browsers take these segments out of a path that has one there. */
export function readDotNames(context: Context, next: Next): Promise<unknown> {
  context.path = context.path.replace(/%2F(?=\.{1,2}(?:\/|%2F|$))/gi, '/');
  return next();
}

/** Redirects `<prefix>/live/<App>/<Stream>` and `<prefix>/rooms/<AppId>/<ChannelId>` to the page. */
export function leadToPage(prefix: string): Middleware {
  return (context, next) => {
    const path = context.path.slice(prefix.length);
    for (const [pattern, place] of PLACES) {
      const [whole, first, second] = pattern.exec(path) ?? [];
      if (whole === undefined || !['GET', 'HEAD'].includes(context.method)) continue;
      context.redirect(`${prefix}/#/${place}/${first}/${second}`);
      return;
    }
    return next();
  };
}
