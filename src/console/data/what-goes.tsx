import type { BucketUsageItem } from '../api-client.ts';
import { count, fileSize } from '../format.ts';
import { useConsole } from '../state/context.ts';

/** What is lost with everything, or with one bucket, as it is now. */
export function WhatGoes({ buckets, only }: { readonly buckets: readonly BucketUsageItem[]; readonly only?: string }) {
  const { channels, faults, clock } = useConsole();
  const going = buckets.filter(({ name }) => only === undefined || name === only);
  const sum = (figure: (bucket: BucketUsageItem) => number) =>
    going.reduce((total, bucket) => total + figure(bucket), 0);
  const pushes = channels.value?.filter(({ live, bucket }) => live && (only === undefined || bucket === only)) ?? [];
  const rules = faults.value?.length ?? 0;
  const isClockMoved = clock.value !== undefined && (clock.value.frozen || Math.abs(clock.value.offsetMs) >= 1000);
  return (
    <ul>
      {pushes.length > 0 && <li>{count(pushes.length, 'push', 'pushes')} to channels that go on now end.</li>}
      <li>
        {count(
          sum(({ objects }) => objects),
          'object',
        )}{' '}
        ({fileSize(sum(({ sizeBytes }) => sizeBytes))}) and{' '}
        {count(
          sum((bucket) => bucket.channels),
          'channel',
        )}{' '}
        with their recordings and history go
        {only === undefined ? `, in ${count(going.length, 'bucket')}` : ''}.
      </li>
      {only === undefined && <li>Streams, rooms, record configurations, messages and callbacks go.</li>}
      {only === undefined && rules > 0 && <li>{count(rules, 'fault rule')} of the faults go.</li>}
      {only === undefined && isClockMoved && <li>The clock is moved now, and does not stay so.</li>}
    </ul>
  );
}
