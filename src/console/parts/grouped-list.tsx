import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useQueryValue } from '../address-bar.ts';
import type { ChannelItem } from '../api-client.ts';
import { withQuery } from '../page-route.ts';

/** A shorter list is looked through faster than a filter is typed. */
const FILTERED_FROM = 10;

export interface ListedItem {
  readonly group: string;
  readonly name: string;
  readonly href: string;
  readonly isCurrent: boolean;
  readonly state: ChannelItem['state'];
  /** Its present state, as a word or a figure. */
  readonly now: string;
  readonly facts?: readonly string[];
}

export interface GroupedListProps {
  readonly label: string;
  readonly items: readonly ListedItem[];
  /** What the address of the page calls the text of the filter, where another filter has that name. */
  readonly filterName?: string;
  /** Below the groups, always in view. */
  readonly children?: ComponentChildren;
}

/**
 * Links to all items of one kind, in groups with headings. It scrolls by itself, shows the current item, and can be
 * narrowed by a text that the address of the page keeps.
 */
export function GroupedList({ label, items, filterName = 'filter', children }: GroupedListProps) {
  const isLong = items.length >= FILTERED_FROM;
  const [typed, setFilter] = useQueryValue(filterName);
  const filter = isLong ? typed : '';
  const passing = items.filter((item) => passes(item, filter));
  const currentHref = items.find(({ isCurrent }) => isCurrent)?.href;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current: box } = list;
    if (!box) return;
    // Is called at once, and whenever the list becomes longer or shorter.
    const observer = new ResizeObserver(() => showCurrent(box));
    observer.observe(box);
    return () => observer.disconnect();
  }, [currentHref, filter]);
  return (
    <nav class="channel-list" aria-label={label}>
      {isLong && (
        <search class="list-filter">
          <input
            type="search"
            aria-label={`Filter the ${label.toLowerCase()}`}
            title="Words of names and states: cam live"
            placeholder="Filter"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
          <output class="quiet">
            {passing.length === items.length ? items.length : `${passing.length} of ${items.length}`}
          </output>
        </search>
      )}
      <div class="list-groups" ref={list}>
        {[...Map.groupBy(passing, ({ group }) => group)].map(([group, inGroup]) => (
          <section key={group}>
            <h2>{group}</h2>
            <ul>
              {inGroup.map((item) => (
                <Item key={item.name} item={item} href={withQuery(item.href, filterName, filter)} />
              ))}
            </ul>
          </section>
        ))}
        {passing.length === 0 && filter !== '' && <p class="quiet">Nothing passes the filter.</p>}
      </div>
      {children && <div class="list-footer">{children}</div>}
    </nav>
  );
}

function Item({ item, href }: { readonly item: ListedItem; readonly href: string }) {
  const { name, isCurrent, state, now, facts = [] } = item;
  return (
    <li>
      <a href={href} title={name} aria-current={isCurrent ? 'page' : undefined}>
        <span class={`dot state-${state}`} aria-hidden="true" />
        <span class="channel-name">{name}</span>
        <span class="channel-rate">{now}</span>
        {facts.length > 0 && <span class="item-facts">{facts.join(' · ')}</span>}
      </a>
    </li>
  );
}

/** Each word is somewhere in what the list shows of the item. */
function passes({ group, name, state, facts = [] }: ListedItem, filter: string): boolean {
  const text = [group, name, state, ...facts].join(' ').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Scrolls the list only, not the page around it. */
function showCurrent(list: HTMLElement): void {
  const current = list.querySelector('[aria-current]')?.getBoundingClientRect();
  if (!current) return;
  const { top, bottom, height } = list.getBoundingClientRect();
  if (current.top < top || current.bottom > bottom) list.scrollTop += current.top - top - height / 2;
}
