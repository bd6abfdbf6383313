import { useState } from 'preact/hooks';
import { count, day, fileSize } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { AclField, BUCKET_ACLS } from './acl-field.tsx';
import type { BucketFacts } from './bucket-facts.ts';
import { useSentence } from './sentence.tsx';

export interface SettingsPanelProps {
  readonly bucket: string;
  readonly facts: BucketFacts;
}

/** ACL and versioning of a bucket, and its deletion. */
export function SettingsPanel({ bucket, facts }: SettingsPanelProps) {
  const { rest, notice } = useConsole();
  const [isDeleting, setDeleting] = useState(false);
  const changeAcl = (acl: string) =>
    notice.attempt(() => rest({ method: 'PUT', bucket, query: { acl: '' }, headers: { 'x-oss-acl': acl } }));
  return (
    <>
      <Panel name="Access" class="bucket-settings">
        <AclField label="ACL" choices={BUCKET_ACLS} value={facts.acl} onChange={changeAcl} />
        <p class="quiet">{ACL_MEANINGS[facts.acl]}</p>
      </Panel>
      <VersioningPanel bucket={bucket} facts={facts} />
      <Panel name="The bucket" class="bucket-settings">
        <p>
          Created {day(facts.createdMs)}: {contentText(facts)}.
        </p>
        <button type="button" onClick={() => setDeleting(true)}>
          Delete the bucket …
        </button>
      </Panel>
      {isDeleting && <BucketDeletionDialog bucket={bucket} facts={facts} onClose={() => setDeleting(false)} />}
    </>
  );
}

const ACL_MEANINGS: Readonly<Record<string, string>> = {
  private: 'Every request needs a signature.',
  'public-read': 'Everybody can read objects; writing needs a signature.',
  'public-read-write': 'Everybody can read, write and delete objects.',
};

function VersioningPanel({ bucket, facts: { versioning } }: SettingsPanelProps) {
  const { rest, notice } = useConsole();
  const set = (status: string) => {
    const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
    const headers = { 'content-type': 'application/xml' };
    return notice.attempt(() => rest({ method: 'PUT', bucket, query: { versioning: '' }, headers, body }));
  };
  const next = versioning === 'Enabled' ? 'Suspended' : 'Enabled';
  return (
    <Panel name="Versioning" class="bucket-settings">
      <p>
        {versioning === undefined
          ? 'Versioning was never enabled: what replaces an object, or deletes it, removes it.'
          : `Versioning is ${versioning.toLowerCase()}.`}
      </p>
      <button type="button" onClick={() => set(next)}>
        {next === 'Enabled' ? 'Enable versioning' : 'Suspend versioning'}
      </button>
    </Panel>
  );
}

interface BucketDeletionDialogProps extends SettingsPanelProps {
  readonly onClose: () => void;
}

function BucketDeletionDialog({ bucket, facts, onClose }: BucketDeletionDialogProps) {
  const { rest } = useConsole();
  const { sentence, attempt } = useSentence();
  const isEmpty = facts.objects + facts.channels + facts.uploads === 0;
  const remove = () =>
    attempt(async () => {
      await rest({ method: 'DELETE', bucket });
      location.hash = routeHash({ page: 'buckets', place: undefined });
    });
  return (
    <Dialog title={`Delete ${bucket}`} onClose={onClose}>
      <p>
        {isEmpty
          ? 'The bucket goes, with its ACL, lifecycle rules, CORS rules and other configurations.'
          : `It has ${contentText(facts)}. As at the service, only an empty bucket can be deleted: delete these first.`}
      </p>
      {sentence}
      <div class="buttons">
        <button type="button" class="danger" onClick={remove}>
          Delete the bucket
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

function contentText({ objects, sizeBytes, channels, uploads }: BucketFacts): string {
  return [
    `${count(objects, 'object')} of ${fileSize(sizeBytes)}`,
    count(channels, 'channel'),
    count(uploads, 'unfinished multipart upload'),
  ].join(', ');
}
