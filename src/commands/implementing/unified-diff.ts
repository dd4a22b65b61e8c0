/** Writes the difference of two texts as `git apply` and `patch` read it. */

import { diff } from 'node:util'

/** Lines around a change. */
const AROUND = 3

/** A file before and after. `before` is null for a new one. */
export interface ChangedFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly before: string | null
  readonly after: string
}

/** The difference of some files; those without one are left out. */
export function unifiedDiff(files: readonly ChangedFile[]): string {
  return files.flatMap((file) => (file.before === file.after ? [] : [fileDiff(file)])).join('')
}

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

function fileDiff({ path, before, after }: ChangedFile): string {
  const head = [
    `diff --git a/${path} b/${path}`,
    ...(before === null ? ['new file mode 100644'] : []),
    before === null ? '--- /dev/null' : `--- a/${path}`,
    `+++ b/${path}`,
  ]
  const lines = deletedFirst(diff(linesOf(after), linesOf(before ?? '')).map(([sign, text]) => ({ sign: signOf(sign), text })))
  return `${[...head, ...hunksOf(lines)].join('\n')}\n`
}

function signOf(operation: number): Line['sign'] {
  return operation === 0 ? ' ' : operation > 0 ? '+' : '-'
}

/** The lines of a text, each with its end; only the last one may have none. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** In each run of changes, what goes stands before what comes. */
function deletedFirst(lines: readonly Line[]): readonly Line[] {
  const sorted: Line[] = []
  const added: Line[] = []
  for (const line of lines) {
    if (line.sign === '+') added.push(line)
    else {
      if (line.sign === ' ') sorted.push(...added.splice(0))
      sorted.push(line)
    }
  }
  return [...sorted, ...added]
}

function hunksOf(lines: readonly Line[]): readonly string[] {
  const changed = lines.flatMap(({ sign }, i) => (sign === ' ' ? [] : [i]))
  const groups: { from: number; to: number }[] = []
  for (const at of changed) {
    const last = groups.at(-1)
    if (last !== undefined && at - last.to <= 2 * AROUND) last.to = at
    else groups.push({ from: at, to: at })
  }
  return groups.map(({ from, to }) => hunk(lines, Math.max(0, from - AROUND), Math.min(lines.length, to + AROUND + 1)))
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const own = lines.slice(from, to)
  const count = (part: readonly Line[], without: Line['sign']): number => part.filter(({ sign }) => sign !== without).length
  const range = (without: Line['sign']): string => {
    const length = count(own, without)
    const begin = count(lines.slice(0, from), without) + (length === 0 ? 0 : 1)
    return `${begin},${length}`
  }
  const text = own.map(
    (line) => `${line.sign}${line.text.endsWith('\n') ? line.text.slice(0, -1) : `${line.text}\n\\ No newline at end of file`}`,
  )
  return [`@@ -${range('+')} +${range('-')} @@`, ...text].join('\n')
}
