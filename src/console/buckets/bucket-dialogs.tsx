import { count, fileSize } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { useConsole } from '../state/context.ts';
import type { BucketFacts } from './bucket-facts.ts';

export interface EmptyingDialogProps {
  readonly bucket: string;
  readonly facts: BucketFacts;
  /** Begins the work, whose progress is shown elsewhere. */
  readonly onEmpty: () => void;
  readonly onClose: () => void;
}

/** Also removes what has to be deleted one by one with the REST API: versions, multipart uploads, channels. */
export function EmptyingDialog({ bucket, facts, onEmpty, onClose }: EmptyingDialogProps) {
  return (
    <ConfirmDialog
      title={`Empty ${bucket}`}
      verb="Empty the bucket"
      consequence={
        <p>
          Everything in it goes and cannot be brought back: {contentText(facts)}, with all versions and all recordings.
          Pushes into it end. The channels that the emulator was started with are made again, and what is configured
          stays.
        </p>
      }
      action={async () => onEmpty()}
      onClose={onClose}
    />
  );
}

export function BucketDeletionDialog({ bucket, facts, onClose }: Omit<EmptyingDialogProps, 'onEmpty'>) {
  const { rest } = useConsole();
  const isEmpty = facts.objects + facts.channels + facts.uploads === 0;
  const remove = async () => {
    await rest({ method: 'DELETE', bucket });
    location.hash = routeHash({ page: 'buckets', place: undefined });
  };
  return (
    <ConfirmDialog
      title={`Delete ${bucket}`}
      verb="Delete the bucket"
      consequence={
        <p>
          {isEmpty
            ? 'The bucket goes, with its ACL, lifecycle rules, CORS rules and other configurations.'
            : `It has ${contentText(facts)}. As at the service, only an empty bucket can be deleted: empty it first.`}
        </p>
      }
      action={remove}
      onClose={onClose}
    />
  );
}

/** `2 objects of 3 KiB, 1 channel, 0 unfinished multipart uploads`. */
export function contentText({ objects, sizeBytes, channels, uploads }: BucketFacts): string {
  return [
    `${count(objects, 'object')} of ${fileSize(sizeBytes)}`,
    count(channels, 'channel'),
    count(uploads, 'unfinished multipart upload'),
  ].join(', ');
}
