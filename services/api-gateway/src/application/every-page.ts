import type { PageRequest } from './caller.js';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

const PAGE_ROWS = 100;
/** More rows than anybody has: a list that goes on beyond them is not worth a client's wait. */
const MAX_PAGES = 20;

/** A whole list, read page by page, for those who cannot ask for pages. */
export async function everyPage<Item>(
  read: (page: PageRequest) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const asked: PageRequest = cursor === null ? {} : { cursor };
    const page: Page<Item> = await read({ limit: PAGE_ROWS, ...asked });
    items.push(...page.items);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  return items;
}
