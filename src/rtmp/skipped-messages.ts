/** Told of a message that is not understood and not needed: what it is, and why it is skipped. */
export type OnSkipped = (what: string, why: string) => void;

/** Encoders send a few kinds. A peer must fill neither the memory nor the log. */
const MAX_KINDS = 16;
const MAX_KIND_LENGTH = 80;

/** Passes on the first message of each kind, that is of each `what`, up to a limited number of kinds. */
export function oncePerKind(report: OnSkipped): OnSkipped {
  const kinds = new Set<string>();
  return (what, why) => {
    const kind = what.slice(0, MAX_KIND_LENGTH);
    if (kinds.size === MAX_KINDS || kinds.has(kind)) return;
    kinds.add(kind);
    report(kind, why);
  };
}
