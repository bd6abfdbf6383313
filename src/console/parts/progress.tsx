import type { ComponentChildren } from 'preact';

export interface ProgressProps {
  /** What is being done. */
  readonly label: string;
  /** In the unit of `total`. */
  readonly done: number;
  /** Undefined while it is not known how much there is to do. */
  readonly total: number | undefined;
  /** Beside the bar: a figure in words, like `12 of 200 channels`, or a button. */
  readonly children?: ComponentChildren;
}

/** How far long work has come; while that is not known, only that it goes on. */
export function Progress({ label, done, total, children }: ProgressProps) {
  const share = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, done / total);
  return (
    <div class="progress">
      <span>{label}</span>
      <progress aria-label={label} value={share} />
      <span class="quiet">
        {share !== undefined && `${Math.floor(share * 100)} %`} {children}
      </span>
    </div>
  );
}
