import { useState } from 'preact/hooks';
import { CallFailed } from '../call-failed.ts';
import { routeHash } from '../page-route.ts';
import { Dialog } from '../parts/dialog.tsx';
import { FormRefusal } from '../parts/field.tsx';
import { Form, TextField } from '../parts/form.tsx';
import { useConsole } from '../state/context.ts';
import { useRefusals } from '../state/refusal.ts';
import { AclField, BUCKET_ACLS } from './acl-field.tsx';
import { placeIn } from './bucket-place.ts';
import { type Rest, RestRefused } from './rest.ts';

/** PutBucket. Of a bucket that exists it would only change the ACL, so that is refused here. */
export function NewBucketDialog({ onClose }: { readonly onClose: () => void }) {
  const { rest } = useConsole();
  const [name, setName] = useState('');
  const [acl, setAcl] = useState('private');
  const refusals = useRefusals([]);
  const create = () =>
    refusals.attempt(async () => {
      if (await isThere(rest, name)) throw new CallFailed(`There is a bucket ${name} already.`);
      await rest({ method: 'PUT', bucket: name, headers: { 'x-oss-acl': acl } });
      location.hash = routeHash({ page: 'buckets', place: placeIn(name) });
      onClose();
    });
  return (
    <Dialog title="New bucket" onClose={onClose}>
      <Form class="dialog-form" onSubmit={create}>
        <TextField
          label="Name"
          required
          maxLength={63}
          pattern="[a-z0-9][a-z0-9\-]{1,61}[a-z0-9]"
          title="3 to 63 of a-z, 0-9 and -, without - at its ends"
          value={name}
          onInput={setName}
        />
        <AclField label="ACL" choices={BUCKET_ACLS} value={acl} onChange={setAcl} />
        <FormRefusal text={refusals.rest} />
        <div class="buttons">
          <button type="submit" class="primary">
            Create
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </Form>
    </Dialog>
  );
}

async function isThere(rest: Rest, bucket: string): Promise<boolean> {
  try {
    await rest({ method: 'HEAD', bucket });
    return true;
  } catch (error) {
    if (error instanceof RestRefused && error.code === 'NoSuchBucket') return false;
    throw error;
  }
}
