/** Of storage that ends with the process. */
const MEMORY = 'memory';

/**
 * What is still there, and what is not.
 * @param before where the emulator before stored; empty if that is not known
 */
export function restartText(before: string, now: string): string {
  return `The emulator was started anew. ${keptText(before, now)} What was typed into forms is still there.`;
}

function keptText(before: string, now: string): string {
  if (before !== '' && before !== now) {
    const rest = before === MEMORY ? 'what that had is gone' : 'what that had is still there';
    return `It stores ${placeText(now)}; the one before stored ${placeText(before)}, and ${rest}.`;
  }
  if (now === MEMORY) return 'It stores in memory: what it had before is gone, also channels, recordings and objects.';
  if (isDatabase(now)) {
    return `What is stored in ${now} is as it was, and so is the log. Fault rules, rooms and the clock begin anew.`;
  }
  const kept = `Buckets, channels, recordings and objects are as they were, in ${now}.`;
  return `${kept} The log, fault rules, rooms, messages of MNS and the clock begin anew.`;
}

function placeText(storage: string): string {
  return storage === MEMORY ? 'in memory' : `in ${storage}`;
}

/** Not a folder. */
function isDatabase(storage: string): boolean {
  return /^postgres(?:ql)?:/.test(storage);
}
