import { documented, fields, text } from '../../base/schema.ts';
import type { BucketPass } from '../../oss/lifecycle/lifecycle-pass.ts';
import { count, type ViewOf } from './view-fields.ts';

export const lifecycleView = documented(
  fields({
    bucket: text,
    expired: documented(count, 'Objects that were deleted.'),
    transitioned: documented(count, 'Objects whose storage class was changed.'),
    aborted: documented(count, 'Multipart uploads.'),
  }),
  'What a pass of the lifecycle rules did in one bucket.',
);

export type LifecycleView = ViewOf<typeof lifecycleView>;

export function viewLifecyclePass({ bucket, expired, transitioned, aborted }: BucketPass): LifecycleView {
  const moved = [...transitioned.values()].reduce((sum, keys) => sum + keys.count, 0);
  return { bucket, expired: expired.count, transitioned: moved, aborted: aborted.count };
}
