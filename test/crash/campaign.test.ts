/** A short form of `npm run crash`. */
import { expect, it } from 'vitest';
import { campaign } from '../../scripts/crash/campaign.ts';
import { Random } from '../../scripts/crash/random.ts';
import { bundledCommand } from './bundled.ts';

const ROUNDS = 6;

const command = bundledCommand();

it('killed under load at any moment, it starts again and has all that its clients were told', async () => {
  for await (const { kill, violations, orphans } of campaign(ROUNDS, new Random(13), command.path)) {
    expect({ kill, violations, orphans }).toEqual({ kill, violations: [], orphans: [] });
  }
}, 180_000);
