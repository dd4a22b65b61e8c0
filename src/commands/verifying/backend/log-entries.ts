/** The entries of the log of a serving process. */

/** An entry: one line of JSON. */
export type LogEntry = Readonly<Record<string, unknown>>

/** The levels of entries about defects. */
const DEFECT_LEVELS: readonly unknown[] = ['error', 'fatal']
const LONGEST = 500

/** The entry of a line; null for a line that is none. */
export function entryOf(line: string): LogEntry | null {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null ? (entry as LogEntry) : null
  } catch {
    return null
  }
}

/** What an entry says about a defect, for the report; null for any other entry. Its further members are left out: they may have secrets. */
export function defectIn({ level, msg, code, note, err }: LogEntry): string | null {
  // A busy machine is no defect; whoever was refused has been told.
  if (!DEFECT_LEVELS.includes(level) || code === 'overloaded') return null
  const { type, message } = (typeof err === 'object' && err !== null ? err : {}) as LogEntry
  const said = [msg, code, note, type, message].filter((part) => typeof part === 'string' && part !== '')
  return said.join(': ').slice(0, LONGEST) || 'an entry without a message'
}
