import { useMemo } from 'preact/hooks';
import { useQueryValue } from '../address-bar.ts';
import { count } from '../format.ts';
import { routeHashWithQuery, withQuery } from '../page-route.ts';
import { CheckBox } from '../parts/form.tsx';
import { HelpLink } from '../parts/help-link.tsx';
import { Segmented } from '../parts/segmented.tsx';
import { useConsole } from '../state/context.ts';
import { type Entry, type EntryKind, entryOf, refusalsAmong } from './entry.ts';
import { EntryDetails } from './entry-details.tsx';
import { FIRST_FILTER, type Filter, passes } from './filter.ts';
import { LogTable } from './log-table.tsx';

const KINDS: readonly (readonly [kind: EntryKind | 'all', name: string])[] = [
  ['all', 'All'],
  ['api', 'API'],
  ['push', 'Pushes'],
  ['playback', 'Playback'],
  ['fault', 'Faults'],
  ['other', 'Other'],
];

/** The page draws this many without a delay; for others the user has to narrow the filter. */
const MAX_SHOWN = 300;

/** The requests and other events with their results, the latest first. */
export function LogPage({ entryId }: { readonly entryId: number | undefined }) {
  const { journal } = useConsole();
  const [filter, setFilter] = useFilter();
  const events = journal.events.value;
  const isConnecting = journal.connection.value === 'connecting';
  const entries = useMemo(() => events.map(entryOf).reverse(), [events]);
  const passing = useMemo(() => entries.filter((entry) => passes(entry, filter)), [entries, filter]);
  const open = entries.find(({ id }) => id === entryId);
  return (
    <main class="log-page" id="main">
      <h1 class="visually-hidden">Log</h1>
      <FilterBar filter={filter} entries={entries} onChange={setFilter} onClear={() => journal.clear()} />
      {!open && entryId !== undefined && entries.length > 0 && (
        <p class="panel" role="status">
          There is no entry {entryId} in the log, or not any more: it keeps only the latest.{' '}
          <a class="link" href={routeHashWithQuery({ page: 'log', entryId: undefined }, location.hash)}>
            Show the log only
          </a>
        </p>
      )}
      <div class={open ? 'log-body with-details' : 'log-body'}>
        <div class="panel log-entries">
          <LogTable entries={passing.slice(0, MAX_SHOWN)} openId={entryId} onOpen={openEntry} />
          {passing.length === 0 && (
            <p class="quiet nothing">
              {entries.length > 0 && 'Nothing passes the filter.'}
              {entries.length === 0 && (isConnecting ? 'Loading…' : 'Nothing has happened yet.')}
            </p>
          )}
          {passing.length > MAX_SHOWN && (
            <p class="quiet nothing">… and {count(passing.length - MAX_SHOWN, 'older entry', 'older entries')}.</p>
          )}
        </div>
        {open && <EntryDetails entry={open} onClose={() => openEntry(undefined)} />}
      </div>
    </main>
  );
}

/** An entry of the browser's history for each entry that was open. */
function openEntry(entryId: number | undefined): void {
  location.hash = routeHashWithQuery({ page: 'log', entryId }, location.hash);
}

/** What the address keeps of the filter. Each choice is an entry of the browser's history; what is typed is none. */
function useFilter(): readonly [filter: Filter, set: (filter: Filter) => void] {
  const [kind] = useQueryValue('kind');
  const [refused] = useQueryValue('refused');
  const [text, setText] = useQueryValue('filter');
  const filter = { kind: isKind(kind) ? kind : FIRST_FILTER.kind, refusedOnly: refused === 'yes', text };
  const set = (wanted: Filter) => {
    if (wanted.text !== text) setText(wanted.text);
    if (wanted.kind === filter.kind && wanted.refusedOnly === filter.refusedOnly) return;
    const withKind = withQuery(location.hash, 'kind', wanted.kind === FIRST_FILTER.kind ? '' : wanted.kind);
    location.hash = withQuery(withKind, 'refused', wanted.refusedOnly ? 'yes' : '');
  };
  return [filter, set];
}

function isKind(kind: string): kind is Filter['kind'] {
  return KINDS.some(([known]) => known === kind);
}

interface FilterBarProps {
  readonly filter: Filter;
  readonly entries: readonly Entry[];
  readonly onChange: (filter: Filter) => void;
  readonly onClear: () => void;
}

function FilterBar({ filter, entries, onChange, onClear }: FilterBarProps) {
  const refusals = refusalsAmong(entries);
  return (
    <search class="filters" aria-label="Filter the log">
      <Segmented label="Kind">
        {KINDS.map(([kind, name]) => (
          <button
            key={kind}
            type="button"
            aria-pressed={filter.kind === kind}
            onClick={() => onChange({ ...filter, kind })}
          >
            {name}
          </button>
        ))}
      </Segmented>
      <CheckBox checked={filter.refusedOnly} onChange={(refusedOnly) => onChange({ ...filter, refusedOnly })}>
        Refused only {refusals > 0 && <span class="badge bad">{refusals}</span>}
      </CheckBox>
      <input
        type="search"
        aria-label="Text"
        placeholder="Operation, bucket, channel, code, reason"
        value={filter.text}
        onInput={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
      />
      <button type="button" onClick={onClear} disabled={entries.length === 0}>
        Clear
      </button>
      <HelpLink topic="log" />
    </search>
  );
}
