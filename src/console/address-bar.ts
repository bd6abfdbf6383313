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
  const read = () => readQuery(location.hash).get(name) ?? '';
  const [value, setValue] = useState(read);
  useEffect(() => {
    // The address is read now, not when it changed: a field that is being typed into is ahead of the events.
    const follow = () => setValue(read());
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [name]);
  const set = (changed: string) => {
    setValue(changed);
    location.replace(withQuery(location.hash, name, changed));
  };
  return [value, set];
}
