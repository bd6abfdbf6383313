/** Where a database is, without the password and without the parameters, which may have one too. */
export function shownDatabaseUrl(url: string): string {
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`;
}
