import { useState } from 'preact/hooks';
import { routeHash } from '../page-route.ts';
import { GroupedList } from '../parts/grouped-list.tsx';
import { Loading } from '../parts/loading.tsx';
import { useConsole } from '../state/context.ts';
import { BatchPanel } from './batch-panel.tsx';
import { BucketDetails } from './bucket-details.tsx';
import { type BucketPlace, placeIn } from './bucket-place.ts';
import { listAllBuckets } from './listing.ts';
import { NewBucketDialog } from './new-bucket-dialog.tsx';
import { changesBuckets, useRestAnswer } from './rest-answer.ts';

/** The list of buckets beside the one that was chosen, else the first. */
export function BucketsPage({ place }: { readonly place: BucketPlace | undefined }) {
  const { rest } = useConsole();
  const [isCreating, setCreating] = useState(false);
  const { value: buckets, refusal } = useRestAnswer('buckets', {
    ask: () => listAllBuckets(rest),
    changesBy: changesBuckets,
  });
  if (refusal) return <NoBucket title="The buckets cannot be listed" text={refusal.message} />;
  if (!buckets) return <Loading />;
  const name = place?.bucket ?? buckets[0]?.name;
  const chosen = buckets.find((bucket) => bucket.name === name);
  return (
    <div class="channels">
      <GroupedList
        label="Buckets"
        filterName="buckets"
        items={buckets.map((bucket) => ({
          group: bucket.region,
          name: bucket.name,
          href: routeHash({ page: 'buckets', place: placeIn(bucket.name) }),
          isCurrent: bucket === chosen,
          state: 'idle',
          now: '',
        }))}
      >
        <p class="list-action">
          <button type="button" class="small" onClick={() => setCreating(true)}>
            New bucket
          </button>
        </p>
      </GroupedList>
      <div class="bucket-column">
        <BatchPanel />
        {chosen ? (
          <BucketDetails key={chosen.name} place={place ?? placeIn(chosen.name)} />
        ) : (
          <NoBucket
            title={name === undefined ? 'There is no bucket yet' : `There is no bucket ${name}`}
            text="It may have been deleted. Create one here, with PutBucket, or start with --bucket NAME."
          />
        )}
      </div>
      {isCreating && <NewBucketDialog onClose={() => setCreating(false)} />}
    </div>
  );
}

function NoBucket({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <main class="empty" id="main">
      <h1>{title}</h1>
      <p>{text}</p>
    </main>
  );
}
