/** A short form of `npm run cluster`. */
import { expect, it } from 'vitest';
import { campaign } from '../../scripts/cluster/campaign.ts';
import { Random } from '../../scripts/crash/random.ts';
import { bundledCommand } from '../crash/bundled.ts';
import { POSTGRES } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';
import { BUILD_TIMEOUT_MS } from '../support/versitygw.ts';

const NODES = 2;
const PUSHES = 4;

const command = bundledCommand();

describeWith([POSTGRES, 'haproxy', 'go'], 'a cluster', () => {
  it(
    'keeps what it acknowledged and takes pushes again, whatever happens to nodes, database and store',
    async () => {
      const load = { rounds: 1, pushes: PUSHES, random: new Random(14) };
      const options = { nodes: NODES, hasNetworks: false, program: command.path, ...load };
      for await (const { faults, violations } of campaign(options)) {
        expect({ faults, violations }).toEqual({ faults, violations: [] });
      }
    },
    BUILD_TIMEOUT_MS,
  );
});
