import { documented, fields, text } from '../../base/schema.ts';
import { type BucketPass, countTransitioned } from '../../oss/lifecycle/pass-tally.ts';
import { count, type ViewOf } from './view-fields.ts';

export const lifecycleView = documented(
  fields({
    bucket: text,
    expired: documented(count, 'Objects that were deleted.'),
    expiredVersions: documented(count, 'Previous versions that were deleted.'),
    removedMarkers: documented(count, 'Delete markers.'),
    transitioned: documented(count, 'Objects and previous versions whose storage class was changed.'),
    aborted: documented(count, 'Multipart uploads.'),
  }),
  'What a pass of the lifecycle rules did in one bucket.',
);

export type LifecycleView = ViewOf<typeof lifecycleView>;

export function viewLifecyclePass(pass: BucketPass): LifecycleView {
  return {
    bucket: pass.bucket,
    expired: pass.expired.count,
    expiredVersions: pass.expiredVersions.count,
    removedMarkers: pass.removedMarkers.count,
    transitioned: countTransitioned(pass),
    aborted: pass.aborted.count,
  };
}
