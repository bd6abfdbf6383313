import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../format.ts';
import { readRoute, routeHash } from '../page-route.ts';
import { CheckBox } from '../parts/form.tsx';
import { useConsole } from '../state/context.ts';
import type { BucketFacts } from './bucket-facts.ts';
import { type BucketPlace, placeIn, shownFolder } from './bucket-place.ts';
import type { DeletionTargets } from './deletion.ts';
import { DeletionDialog } from './deletion-dialog.tsx';
import { droppedFiles, type FoundFile } from './found-files.ts';
import { listFolder } from './listing.ts';
import { ObjectDetails } from './object-details.tsx';
import { ObjectTable } from './object-table.tsx';
import { changesBucket, useGrowth, useRestAnswer } from './rest-answer.ts';
import { uploadSteps } from './upload.ts';
import { UploadButtons } from './upload-buttons.tsx';

/** So many names are shown at first, and so many more at each click. */
const STEP = 200;

const NOTHING: ReadonlySet<string> = new Set();

export interface ObjectBrowserProps {
  readonly place: BucketPlace;
  readonly facts: BucketFacts;
}

/** The objects and folders in one folder; files that are dropped on it are uploaded into it. */
export function ObjectBrowser({ place, facts }: ObjectBrowserProps) {
  const { rest } = useConsole();
  const { bucket, object } = place;
  const folder = shownFolder(place);
  const prefix = place.folder + place.filter;
  const [limit, setLimit] = useState(STEP);
  const [selected, setSelected] = useState(NOTHING);
  const [deleted, setDeleted] = useState<DeletionTargets>();
  const [replaces, setReplaces] = useState(false);
  const upload = useUpload({ bucket, folder, replaces });
  const [showsDeleted, setShowsDeleted] = useState(false);
  const hasVersions = facts.versioning !== undefined;
  const withDeleted = hasVersions && showsDeleted;
  const { value, refusal, refresh } = useRestAnswer(`${bucket}/${prefix} ${withDeleted}`, {
    ask: () => listFolder(rest, bucket, { prefix, limit, withDeleted }),
    changesBy: (event) => changesBucket(event, bucket),
  });
  useGrowth(refresh);
  useEffect(refresh, [limit]);
  const isOver = useDrop(upload);
  const names = value ? [...value.folders, ...value.objects.map(({ key }) => key)] : [];
  const present = names.filter((name) => selected.has(name));
  // What comes later under the name of something that was selected is something else.
  useEffect(() => {
    if (value && present.length < selected.size) setSelected(new Set(present));
  }, [value]);
  const forget = ({ folders, keys }: DeletionTargets) => {
    const gone = new Set([...folders, ...keys]);
    setSelected(new Set([...selected].filter((name) => !gone.has(name))));
  };
  return (
    <div class={isOver ? 'object-browser dropping' : 'object-browser'}>
      {folder !== '' && <FolderPath bucket={bucket} folder={folder} />}
      <div class="object-tools">
        <FolderFilter place={place} />
        <UploadButtons replaces={replaces} onReplaces={setReplaces} onFiles={upload} />
        {hasVersions && (
          <CheckBox checked={showsDeleted} onChange={setShowsDeleted}>
            Show deleted
          </CheckBox>
        )}
        <button
          type="button"
          disabled={present.length === 0}
          onClick={() => setDeleted(targetsAmong(bucket, present, value?.folders ?? []))}
        >
          Delete {present.length > 0 && `${count(present.length, 'selected', 'selected')} …`}
        </button>
      </div>
      <div class={object === undefined ? 'object-body' : 'object-body with-details'}>
        <div class="panel object-list">
          {refusal && <p class="why tone-bad">{refusal.message}</p>}
          {value && <ObjectTable listing={value} place={place} selected={selected} onSelect={setSelected} />}
          {names.length === 0 && value && <EmptyFolder place={place} />}
          {value && !value.isComplete && (
            <p class="nothing">
              The first {count(names.length, 'name')} are shown.{' '}
              <button type="button" onClick={() => setLimit(limit + STEP)}>
                Show {STEP} more
              </button>
            </p>
          )}
        </div>
        {object !== undefined && (
          <ObjectDetails key={object} place={place} objectKey={object} facts={facts} onDelete={setDeleted} />
        )}
      </div>
      {isOver && <p class="drop-hint">Drop files and folders to upload them to {`${bucket}/${folder}`}</p>}
      {deleted && (
        <DeletionDialog
          targets={deleted}
          versioning={facts.versioning}
          onDelete={() => forget(deleted)}
          onClose={() => setDeleted(undefined)}
        />
      )}
    </div>
  );
}

function targetsAmong(bucket: string, names: readonly string[], folders: readonly string[]): DeletionTargets {
  return {
    bucket,
    folders: names.filter((name) => folders.includes(name)),
    keys: names.filter((name) => !folders.includes(name)),
  };
}

interface UploadPlace {
  readonly bucket: string;
  readonly folder: string;
  readonly replaces: boolean;
}

function useUpload({ bucket, folder, replaces }: UploadPlace): (files: AsyncGenerator<FoundFile>) => void {
  const { api, contact, batches } = useConsole();
  return (files) => {
    batches.start({
      title: `Upload to ${bucket}/${folder}`,
      unit: 'file',
      countsBytes: true,
      steps: uploadSteps(files, { bucket, folder, replaces }, { api, contact }),
    });
  };
}

/**
 * Takes what is dropped anywhere on the page: beside an element that takes it, a browser would open it and leave the page.
 * Returns whether files are dragged over the page.
 */
function useDrop(onDrop: (files: AsyncGenerator<FoundFile>) => void): boolean {
  // Entering an element comes before leaving the one around it.
  const [depth, setDepth] = useState(0);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  useEffect(() => {
    const ended = new AbortController();
    const listen = (type: 'dragenter' | 'dragover' | 'dragleave' | 'drop', take: (event: DragEvent) => void) =>
      addEventListener(type, (event) => hasFiles(event) && take(event), { signal: ended.signal });
    listen('dragenter', () => setDepth((before) => before + 1));
    listen('dragover', (event) => event.preventDefault());
    listen('dragleave', () => setDepth((before) => Math.max(0, before - 1)));
    listen('drop', (event) => {
      event.preventDefault();
      setDepth(0);
      if (event.dataTransfer) latest.current(droppedFiles(event.dataTransfer));
    });
    return () => ended.abort();
  }, []);
  return depth > 0;
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}

/** Links to the bucket and to every folder on the way. */
function FolderPath({ bucket, folder }: { readonly bucket: string; readonly folder: string }) {
  const names = folder.split('/').slice(0, -1);
  const places = names.map((name, index) => ({ name, folder: `${names.slice(0, index + 1).join('/')}/` }));
  return (
    <nav class="folder-path" aria-label="Folder">
      {[{ name: bucket, folder: '' }, ...places].map((step) => (
        <a
          key={step.folder}
          href={routeHash({ page: 'buckets', place: placeIn(bucket, { folder: step.folder }) })}
          aria-current={step.folder === folder ? 'page' : undefined}
        >
          {step.name === '' ? '(no name)' : step.name}
        </a>
      ))}
    </nav>
  );
}

/** The emulator filters, so that it works with any number of objects. */
function FolderFilter({ place }: { readonly place: BucketPlace }) {
  const { bucket, folder, filter } = place;
  // The place follows the address a moment later, which the field cannot wait for.
  const [typed, setTyped] = useState(filter);
  useEffect(() => {
    const now = readRoute(location.hash);
    if (now.page === 'buckets') setTyped(now.place?.filter ?? '');
  }, [filter, folder]);
  const show = (text: string) => {
    setTyped(text);
    // Typing makes no entry in the history of the browser.
    location.replace(routeHash({ page: 'buckets', place: placeIn(bucket, { folder, filter: text }) }));
  };
  return (
    <input
      type="search"
      aria-label="Names that begin with"
      placeholder="Names that begin with"
      value={typed}
      onInput={({ currentTarget }) => show(currentTarget.value)}
    />
  );
}

function EmptyFolder({ place }: { readonly place: BucketPlace }) {
  const { filter } = place;
  if (filter !== '' && !filter.endsWith('/')) return <p class="quiet nothing">Nothing here begins with {filter}.</p>;
  return (
    <p class="quiet nothing">
      There is nothing in this {shownFolder(place) === '' ? 'bucket' : 'folder'}. Drop files and folders here to upload
      them.
    </p>
  );
}
