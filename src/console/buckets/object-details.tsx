import { fileSize } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { useConsole } from '../state/context.ts';
import { AclField, OBJECT_ACLS } from './acl-field.tsx';
import type { BucketFacts } from './bucket-facts.ts';
import { type BucketPlace, shownFolder } from './bucket-place.ts';
import type { DeletionTargets } from './deletion.ts';
import { download } from './download.ts';
import { ObjectAddresses } from './object-addresses.tsx';
import { readObjectFacts } from './object-facts.ts';
import { ObjectMedia } from './object-media.tsx';
import { changesBucket, useRestAnswer } from './rest-answer.ts';
import { VersionsTable } from './versions-table.tsx';

export interface ObjectDetailsProps {
  readonly place: BucketPlace;
  readonly objectKey: string;
  readonly facts: BucketFacts;
  readonly onDelete: (targets: DeletionTargets) => void;
}

/** One object: its picture or sound, its addresses, ACL, headers and versions. */
export function ObjectDetails({ place, objectKey: key, facts, onDelete }: ObjectDetailsProps) {
  const { rest, api } = useConsole();
  const { bucket } = place;
  const folder = shownFolder(place);
  const { value, refusal } = useRestAnswer(`${bucket}/${key}`, {
    ask: () => readObjectFacts(rest, bucket, key),
    changesBy: (event) => changesBucket(event, bucket) && (!('key' in event) || event.key === key || !event.key),
  });
  return (
    <aside class="panel entry-details object-details" aria-label="The object">
      <header>
        <h2>{key.startsWith(folder) ? key.slice(folder.length) : key}</h2>
        {value && <span class="badge">{fileSize(value.sizeBytes)}</span>}
        <a class="close" href={routeHash({ page: 'buckets', place: { ...place, object: undefined } })}>
          <Icon name="cross" />
          <span class="visually-hidden">Close the object</span>
        </a>
      </header>
      {refusal && <GoneObject code={refusal.code} message={refusal.message} />}
      {value && (
        <>
          <div class="buttons">
            <ActionButton action={() => download(api, bucket, key)}>Download</ActionButton>
            <button type="button" onClick={() => onDelete({ bucket, keys: [key], folders: [] })}>
              Delete …
            </button>
          </div>
          <ObjectMedia bucket={bucket} objectKey={key} object={value} bucketAcl={facts.acl} />
          <h3>Address</h3>
          <ObjectAddresses bucket={bucket} objectKey={key} />
          <h3>Access</h3>
          <ObjectAcl bucket={bucket} objectKey={key} acl={value.acl} bucketAcl={facts.acl} />
          <h3>Headers</h3>
          <dl class="entry-facts">
            {value.headers.map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {facts.versioning !== undefined && <VersionsTable bucket={bucket} objectKey={key} />}
    </aside>
  );
}

function GoneObject({ code, message }: { readonly code: string; readonly message: string }) {
  const isGone = code === 'NoSuchKey';
  return (
    <p class={isGone ? 'why tone-warning' : 'why tone-bad'} role="status">
      {isGone ? 'There is no such object any more: it was deleted or never stored.' : message}
    </p>
  );
}

interface ObjectAclProps {
  readonly bucket: string;
  readonly objectKey: string;
  readonly acl: string;
  readonly bucketAcl: string;
}

function ObjectAcl({ bucket, objectKey: key, acl, bucketAcl }: ObjectAclProps) {
  const { rest, notice } = useConsole();
  const change = (chosen: string) =>
    notice.attempt(() =>
      rest({ method: 'PUT', bucket, key, query: { acl: '' }, headers: { 'x-oss-object-acl': chosen } }),
    );
  return (
    <p>
      <AclField label="ACL" choices={OBJECT_ACLS} value={acl} onChange={change} />{' '}
      {acl === 'default' && <span class="quiet">that of the bucket, {bucketAcl}</span>}
    </p>
  );
}
