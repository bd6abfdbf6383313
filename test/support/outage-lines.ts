/** Of the lines of a log: what tells of stores that are away, and what fails by that and is tried again. Without time and level. */
export function outageLines(lines: readonly string[]): string {
  const told =
    /(store\.(away|back)|upkeep\.failed|leases\.not-renewed|machine\.fault|not-ready|ready-again|connection-lost) /;
  return lines
    .filter((line) => told.test(line))
    .map((line) => line.replace(/^\S+ \w+ +/, ''))
    .join('\n');
}
