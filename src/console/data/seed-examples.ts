/** Seeds that show what one can hold. */
import type { Seed } from '../../control-plane/seed/seed.ts';

const CHANNELS_OF_EXAMPLE = 20;

export const SEED_EXAMPLES: readonly { readonly name: string; readonly seed: Seed }[] = [
  {
    name: 'A day of recordings',
    seed: {
      buckets: [
        {
          name: 'examplebucket',
          channels: [{ name: 'camera', fragDurationSec: 5, recordings: [{ from: '-24h', to: '-1m' }] }],
        },
      ],
    },
  },
  {
    name: 'Objects',
    seed: {
      buckets: [
        {
          name: 'documents',
          acl: 'public-read',
          objects: [
            { key: 'hello.txt', text: 'Hello', contentType: 'text/plain' },
            { key: 'folder/data.json', text: '{}', contentType: 'application/json' },
          ],
        },
      ],
    },
  },
  {
    name: 'Many channels',
    seed: {
      buckets: [
        {
          name: 'cameras',
          channels: Array.from({ length: CHANNELS_OF_EXAMPLE }, (_, index) => ({
            name: `camera-${index + 1}`,
            description: `Camera ${index + 1}`,
          })),
        },
      ],
    },
  },
  {
    name: 'A history',
    seed: {
      buckets: [
        {
          name: 'examplebucket',
          channels: [
            {
              name: 'meeting',
              history: [
                { from: '-2d', to: '-46h' },
                { from: '-3h', to: '-2h' },
              ],
            },
          ],
        },
      ],
    },
  },
];
