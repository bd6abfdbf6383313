import { useState } from 'preact/hooks';

/** Apart from what other pages of the same origin keep. */
const PREFIX = 'oss-livechannel-draft ';

export interface Draft<Value> {
  readonly value: Value;
  readonly set: (value: Value) => void;
  /** Back to the beginning: it was sent, or given up. */
  readonly clear: () => void;
}

/**
 * What is typed into a form. The browser keeps it until the tab is closed, because the page loads itself anew when the emulator
 * was started anew. It must hold no secret.
 * @param name of the form, and of what it is about
 */
export function useDraft<Value>(name: string, initial: Value): Draft<Value> {
  const key = PREFIX + name;
  const [value, setValue] = useState(() => readDraft(key, initial));
  return {
    value,
    set(typed) {
      keepDraft(key, typed);
      setValue(typed);
    },
    clear() {
      sessionStorage.removeItem(key);
      setValue(initial);
    },
  };
}

/** What is too long for the browser is not kept, and can be sent nevertheless. */
function keepDraft(key: string, typed: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(typed));
  } catch {
    sessionStorage.removeItem(key);
  }
}

function readDraft<Value>(key: string, initial: Value): Value {
  const text = sessionStorage.getItem(key);
  if (text === null) return initial;
  try {
    const kept: unknown = JSON.parse(text);
    return isLike(kept, initial) ? kept : initial;
  } catch {
    return initial;
  }
}

/** Another version of the page may have kept it. What the beginning does not have is optional. */
function isLike<Value>(kept: unknown, initial: Value): kept is Value {
  if (typeof initial !== 'object' || initial === null) return typeof kept === typeof initial;
  if (typeof kept !== 'object' || kept === null) return false;
  // Of any length. An empty one does not say of what.
  if (Array.isArray(initial)) {
    return Array.isArray(kept) && (initial.length === 0 || kept.every((item) => isLike(item, initial[0])));
  }
  return Object.entries(initial).every(([name, value]) => isLike(Reflect.get(kept, name), value));
}
