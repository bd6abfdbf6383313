import { useEffect, useState } from 'preact/hooks';
import { readQuery, withQuery } from './page-route.ts';

/** The part of the address behind the `#`, followed. */
export function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return hash;
}

/** A value that the address keeps; to set it adds no entry to the browser's history. */
export function useQueryValue(name: string): readonly [value: string, set: (value: string) => void] {
  const kept = readQuery(useHash()).get(name) ?? '';
  // The address follows a moment later, which a field that is being typed into cannot wait for.
  const [typed, setTyped] = useState(kept);
  useEffect(() => setTyped(kept), [kept]);
  const set = (value: string) => {
    setTyped(value);
    location.replace(withQuery(location.hash, name, value));
  };
  return [typed, set];
}
