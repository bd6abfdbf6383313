/** The result of one check. `advice` says what to do about it. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly detail: string;
  readonly advice?: string;
}
