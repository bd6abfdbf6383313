import type { Middleware } from 'koa';

/** Addresses at which streams and rooms are watched, and the places of the page that show them. */
const PLACES: readonly (readonly [path: RegExp, place: string])[] = [
  [/^\/live\/([^/]+)\/([^/.]+)$/, 'streams'],
  [/^\/rooms\/([^/]+)\/([^/]+)(?:\/[^/]+)?$/, 'rooms'],
];

/** Leads a browser that opens `<prefix>/live/<App>/<Stream>` or `<prefix>/rooms/<AppId>/<ChannelId>` to the page. */
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
