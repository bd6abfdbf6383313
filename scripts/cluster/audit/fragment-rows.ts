import type { PostgresServer } from '../../../test/support/postgres.ts';
import { FORBIDDEN_ROWS } from '../../crash/audit/rows.ts';

/** Nothing of the load deletes fragments, so that no number is missing. */
const FORBIDDEN_IN_CLUSTER: readonly (readonly [string, string])[] = [
  [
    'a number of a playlist is missing',
    'select playlist from fragments group by playlist having max(sequence) - min(sequence) + 1 <> count(*)',
  ],
  [
    'numbers go back',
    `select source, "startMs", sequence from (select *, lag(sequence) over (partition by source order by "startMs") as before
       from fragments) as ordered where sequence <= before`,
  ],
  [
    'two pushes are in one playlist by turns',
    `select source from (select source, "sessionId", case when "sessionId" = lag("sessionId")
         over (partition by source order by sequence) then 0 else 1 end as change from fragments) as ordered
       group by source having sum(change) <> count(distinct "sessionId")`,
  ],
  [
    'a fragment is of a push that is not in the history',
    'select source, "startMs" from fragments where "sessionId" not in (select id from sessions)',
  ],
];

const QUERIES = FORBIDDEN_ROWS.concat(FORBIDDEN_IN_CLUSTER);

/** Whether the rows of PostgreSQL agree with each other. Read without code of `src/`, so that an error there is not repeated here. */
export async function databaseViolations(server: PostgresServer, database: string): Promise<string[]> {
  const violations: string[] = [];
  for (const [what, query] of QUERIES) {
    const rows = await server.execute(query, database);
    if (rows.length > 0) violations.push(`${what}: ${JSON.stringify(rows.slice(0, 3))} and ${rows.length} in all`);
  }
  return violations;
}
