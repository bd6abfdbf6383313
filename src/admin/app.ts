import Router from '@koa/router';
import Koa from 'koa';

/** Everything of ours that is not OSS is below this path; no bucket name has an underscore. */
export const ADMIN_PREFIX = '/_emulator';

export interface AdminDeps {
  readonly version: string;
  /** Pushes going on now. */
  readonly liveSessions: () => number;
}

/** What tools and people ask the emulator itself; needs no credentials. */
export function createAdminApp({ version, liveSessions }: AdminDeps): Koa {
  const router = new Router({ prefix: ADMIN_PREFIX });
  router.get('/health', (context) => {
    context.body = { status: 'ok', version, liveSessions: liveSessions() };
  });
  const app = new Koa();
  app.use(router.routes()).use(router.allowedMethods());
  return app;
}
