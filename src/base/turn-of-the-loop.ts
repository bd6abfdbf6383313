/** Resolves when sockets and promises that are ready have been handled. */
export function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The items, with a turn after each. */
export async function* withTurns<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  for (const item of items) {
    yield item;
    await turnOfTheLoop();
  }
}
