/** What lifecycle rules did: one event per pass, bucket and kind of change. */
export type LifecycleEvent =
  | (LifecycleChange & {
      readonly type: 'lifecycle.expired';
      readonly what: 'objects' | 'previous versions' | 'delete markers';
    })
  | (LifecycleChange & { readonly type: 'lifecycle.transitioned'; readonly storageClass: string })
  | (LifecycleChange & {
      /** Multipart uploads. */
      readonly type: 'lifecycle.aborted';
    });

type LifecycleChange = {
  readonly bucket: string;
  readonly count: number;
  /** Of the first few. */
  readonly keys: readonly string[];
};
