// @ts-check
// Loaded before a service: kills its process between a commit and what the commit promised to
// publish. Random kills almost never hit that window; this one always does. `DIE_AT_COMMITS` lists
// which commits (of messages that hold work for others: answers, commands) are followed by death,
// counted over all lives of the process; `DIE_RECORD` is the file that remembers them from life to
// life.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const record = process.env['DIE_RECORD'];
if (record === undefined) throw new Error('DIE_RECORD names the file that counts the commits');
const deaths = new Set((process.env['DIE_AT_COMMITS'] ?? '').split(',').map(Number));
const types = new Set((process.env['DIE_ON_TYPES'] ?? '').split(',').filter(Boolean));

let commits = existsSync(record) ? readFileSync(record, 'utf8').split('\n').length - 1 : 0;

subscribe('encore.transport.committed', (moment) => {
  const { type, messageIds } = /** @type {{ type: string, messageIds: readonly string[] }} */ (
    moment
  );
  if (types.size > 0 && !types.has(type)) return;
  commits += 1;
  appendFileSync(record, `${type} ${messageIds.length}\n`);
  if (deaths.has(commits)) process.kill(process.pid, 'SIGKILL');
});
