import { count } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { useConsole } from '../state/context.ts';
import { type BucketFacts, readBucketFacts } from './bucket-facts.ts';
import { BUCKET_VIEWS, type BucketPlace, type BucketView, placeIn } from './bucket-place.ts';
import { CorsPanel } from './cors-panel.tsx';
import { LifecyclePanel } from './lifecycle-panel.tsx';
import { ObjectBrowser } from './object-browser.tsx';
import { changesBucket, useRestAnswer } from './rest-answer.ts';
import { SettingsPanel } from './settings-panel.tsx';

const VIEW_NAMES: Readonly<Record<BucketView, string>> = {
  objects: 'Objects',
  settings: 'Settings',
  lifecycle: 'Lifecycle',
  cors: 'CORS',
};

/** One bucket: its objects, or how it is configured. */
export function BucketDetails({ place }: { readonly place: BucketPlace }) {
  const { rest } = useConsole();
  const { bucket, view } = place;
  const { value: facts, refusal } = useRestAnswer(bucket, {
    ask: () => readBucketFacts(rest, bucket),
    changesBy: (event) => changesBucket(event, bucket),
  });
  return (
    <main class="bucket-page" id="main">
      <header class="channel-header">
        <h1>{bucket}</h1>
        {facts && <FactsLine facts={facts} />}
      </header>
      <nav class="tab-list" aria-label="Parts of the bucket">
        {BUCKET_VIEWS.map((name) => (
          <a
            key={name}
            href={routeHash({ page: 'buckets', place: placeIn(bucket, { view: name }) })}
            aria-current={name === view ? 'page' : undefined}
          >
            {VIEW_NAMES[name]}
          </a>
        ))}
      </nav>
      {refusal && (
        <p class="why tone-bad" role="status">
          {refusal.message}
        </p>
      )}
      {facts && <View place={place} facts={facts} />}
    </main>
  );
}

function View({ place, facts }: { readonly place: BucketPlace; readonly facts: BucketFacts }) {
  switch (place.view) {
    case 'objects':
      return <ObjectBrowser place={place} facts={facts} />;
    case 'settings':
      return <SettingsPanel bucket={place.bucket} facts={facts} />;
    case 'lifecycle':
      return <LifecyclePanel bucket={place.bucket} />;
    case 'cors':
      return <CorsPanel bucket={place.bucket} />;
  }
}

function FactsLine({ facts: { acl, storageClass, versioning, objects } }: { readonly facts: BucketFacts }) {
  return (
    <>
      <span class={acl === 'private' ? 'badge' : 'badge warning'}>{acl}</span>
      <ul class="facts">
        <li>{count(objects, 'object')}</li>
        <li>{storageClass}</li>
        {versioning !== undefined && <li>versioning {versioning.toLowerCase()}</li>}
      </ul>
    </>
  );
}
