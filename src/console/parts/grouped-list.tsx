import type { ComponentChildren } from 'preact';
import type { ChannelItem } from '../api-client.ts';

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
  /** Below the groups. */
  readonly children?: ComponentChildren;
}

/** Links to all items of one kind, in groups with headings. */
export function GroupedList({ label, items, children }: GroupedListProps) {
  return (
    <nav class="channel-list" aria-label={label}>
      {[...Map.groupBy(items, ({ group }) => group)].map(([group, inGroup]) => (
        <section key={group}>
          <h2>{group}</h2>
          <ul>
            {inGroup.map((item) => (
              <Item key={item.name} item={item} />
            ))}
          </ul>
        </section>
      ))}
      {children}
    </nav>
  );
}

function Item({ item: { name, href, isCurrent, state, now, facts = [] } }: { readonly item: ListedItem }) {
  return (
    <li>
      <a href={href} aria-current={isCurrent ? 'page' : undefined}>
        <span class={`dot state-${state}`} aria-hidden="true" />
        <span class="channel-name">{name}</span>
        <span class="channel-rate">{now}</span>
        {facts.length > 0 && <span class="item-facts">{facts.join(' · ')}</span>}
      </a>
    </li>
  );
}
