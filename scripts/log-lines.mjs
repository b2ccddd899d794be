// @ts-check

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * A process's log line as a person at the terminal wants it; undefined when it is below the level.
 * A line that is no JSON was not written by the logger: an error of Node's, always worth a look.
 * @param {string} name
 * @param {string} line
 * @param {string} level
 * @returns {string | undefined}
 */
export function lineForTerminal(name, line, level) {
  if (line.trim() === '') return undefined;
  const record = parsed(line);
  if (record === undefined) return `[${name}] ${line}`;
  const rank = LEVELS.indexOf(String(record.level));
  if (rank < LEVELS.indexOf(level)) return undefined;
  const cause = record.err?.message;
  const text =
    cause === undefined || record.msg?.includes(cause) ? record.msg : `${record.msg}: ${cause}`;
  return `[${name}] ${record.level}: ${text}`;
}

/**
 * @param {string} line
 * @returns {{ level?: string, msg?: string, err?: { message?: string } } | undefined}
 */
function parsed(line) {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
