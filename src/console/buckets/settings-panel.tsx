import { useState } from 'preact/hooks';
import { day } from '../format.ts';
import { LongCallProgress, useLongCall } from '../parts/long-call.tsx';
import { Panel } from '../parts/panel.tsx';
import { useConsole } from '../state/context.ts';
import { AclField, BUCKET_ACLS } from './acl-field.tsx';
import { BucketDeletionDialog, contentText, EmptyingDialog } from './bucket-dialogs.tsx';
import type { BucketFacts } from './bucket-facts.ts';

export interface SettingsPanelProps {
  readonly bucket: string;
  readonly facts: BucketFacts;
}

/** ACL and versioning of a bucket, and its deletion. */
export function SettingsPanel({ bucket, facts }: SettingsPanelProps) {
  const { rest, longApi, notice } = useConsole();
  const emptying = `Emptying ${bucket}`;
  const { isRunning, run } = useLongCall(emptying);
  const empty = () => notice.attempt(() => run((report) => longApi.call('reset', { body: { bucket } }, report)));
  const [open, setOpen] = useState<'emptying' | 'deletion'>();
  const close = () => setOpen(undefined);
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
        <LongCallProgress label={emptying} />
        <div class="buttons">
          <button type="button" disabled={isRunning} onClick={() => setOpen('emptying')}>
            Empty the bucket …
          </button>
          <button type="button" onClick={() => setOpen('deletion')}>
            Delete the bucket …
          </button>
        </div>
      </Panel>
      {open === 'emptying' && <EmptyingDialog bucket={bucket} facts={facts} onEmpty={empty} onClose={close} />}
      {open === 'deletion' && <BucketDeletionDialog bucket={bucket} facts={facts} onClose={close} />}
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
