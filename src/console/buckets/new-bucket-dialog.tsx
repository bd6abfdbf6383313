import { CallFailed } from '../call-failed.ts';
import { routeHash } from '../page-route.ts';
import { TextField } from '../parts/form.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';
import { AclField, BUCKET_ACLS } from './acl-field.tsx';
import { placeIn } from './bucket-place.ts';
import type { Rest } from './rest.ts';
import { RestRefused } from './rest-refused.ts';

/** PutBucket. Of a bucket that exists it would only change the ACL, so that is refused here. */
export function NewBucketDialog({ onClose }: { readonly onClose: () => void }) {
  const { rest } = useConsole();
  const { value: draft, set, clear } = useDraft('new bucket', { name: '', acl: 'private' });
  const { name, acl } = draft;
  const close = () => {
    clear();
    onClose();
  };
  const create = async () => {
    if (await isThere(rest, name)) throw new CallFailed(`There is a bucket ${name} already.`);
    await rest({ method: 'PUT', bucket: name, headers: { 'x-oss-acl': acl } });
    location.hash = routeHash({ page: 'buckets', place: placeIn(name) });
  };
  return (
    <FormDialog title="New bucket" verb="Create" action={create} onClose={close}>
      <TextField
        label="Name"
        required
        maxLength={63}
        pattern="[a-z0-9][a-z0-9\-]{1,61}[a-z0-9]"
        title="3 to 63 of a-z, 0-9 and -, without - at its ends"
        value={name}
        onInput={(typed) => set({ ...draft, name: typed })}
      />
      <AclField label="ACL" choices={BUCKET_ACLS} value={acl} onChange={(chosen) => set({ ...draft, acl: chosen })} />
    </FormDialog>
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
