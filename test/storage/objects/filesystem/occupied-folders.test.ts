import { expect, test } from 'vitest';
import { OccupiedFolders } from '../../../../src/storage/objects/filesystem/occupied-folders.ts';

test('a folder is occupied by the latest file that was put there, until that is deleted', () => {
  const folders = new OccupiedFolders();
  for (const location of ['b/a/1', 'b/a/2', 'b/c']) folders.add(location);
  expect(folders.delete('b/a/1')).toBe(true);
  expect(folders.delete('b/a/2')).toBe(false);
  expect(folders.delete('b/a/2')).toBe(false);
  expect(folders.delete('b/d')).toBe(true);
  expect(folders.delete('b/a/e/f')).toBe(false);
});

test('what is known of folders is bounded, and kept of those in use', () => {
  const folders = new OccupiedFolders();
  folders.add('b/forgotten/1');
  for (let n = 0; n < 10_000; n++) {
    folders.add('b/used/1');
    folders.add(`b/${n}/1`);
  }
  expect(folders.delete('b/forgotten/2')).toBe(false);
  expect(folders.delete('b/used/2')).toBe(true);
});
