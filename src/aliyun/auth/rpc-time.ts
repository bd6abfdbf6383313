const RPC_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** `2024-12-31T23:45:00Z` in milliseconds since the epoch; undefined when it is anything else or not a valid date. */
export function parseRpcTime(text: string): number | undefined {
  if (!RPC_TIME.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || formatRpcTime(ms) !== text ? undefined : ms;
}

/** Whole seconds, UTC. */
export function formatRpcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
