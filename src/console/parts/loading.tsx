/** A page before the first answer. */
export function Loading() {
  return <main class="empty" id="main" aria-busy="true" />;
}
