import type { Middleware } from 'koa';

/** The addresses at which streams and rooms are watched, each with the part of the page that shows them. */
const PLACES: readonly (readonly [path: RegExp, place: string])[] = [
  [/^\/live\/([^/]+)\/([^/.]+)$/, 'streams'],
  [/^\/rooms\/([^/]+)\/([^/]+)(?:\/[^/]+)?$/, 'rooms'],
];

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
