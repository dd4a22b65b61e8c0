/** Edits of a draft: a text that stands once is replaced by another. */

import { ToolError } from './tool-error.ts'

/** One edit. */
export interface Edit {
  readonly yourText: string
  readonly replaceWith: string
  /** Where it is, as findings say it: `12:9`, or with the file before it. Only the line counts; the whole text unless given. */
  readonly where?: string | undefined
}

/** Applies edits in their order. @throws ToolError PLN-M003 for a text that is not there exactly once. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce(applied, text)
}

function applied(text: string, { yourText, replaceWith, where }: Edit): string {
  const line = where === undefined ? undefined : /(?:^|:)(\d+)(?::\d+)?(?:\s|$)/.exec(where)?.[1]
  const [from, to] = line === undefined ? [0, text.length] : lineRange(text, Number(line), yourText)
  const first = yourText === '' ? -1 : text.indexOf(yourText, from)
  const found = first !== -1 && first < to
  const again = found ? text.indexOf(yourText, first + 1) : -1
  if (found && (again === -1 || again >= to)) return text.slice(0, first) + replaceWith + text.slice(first + yourText.length)
  const place = line === undefined ? 'in the design' : `on line ${line}`
  const said = JSON.stringify(yourText.slice(0, 60))
  if (found) throw new ToolError('PLN-M003', `${said} is ${place} more than once`, { fix: 'send a longer text, or where as line:column' })
  throw new ToolError('PLN-M003', `${said} is not ${place}`, { fix: `send a text that is there${nearest(text, yourText)}` })
}

/** Where a text that begins on a line may be: from the line's begin as far as the text is long. */
function lineRange(text: string, line: number, wanted: string): readonly [number, number] {
  let from = 0
  for (let at = 1; at < line && from !== -1; at++) from = text.indexOf('\n', from) + 1 || -1
  if (from === -1) return [text.length, text.length]
  const end = text.indexOf('\n', from)
  return [from, (end === -1 ? text.length : end) + (wanted.includes('\n') ? wanted.length : 0)]
}

/** The line that has the longest word of the text. */
function nearest(text: string, wanted: string): string {
  const [word] = (wanted.match(/[\w.]{3,}/g) ?? []).sort((a, b) => b.length - a.length)
  const lines = text.split('\n')
  const at = word === undefined ? -1 : lines.findIndex((line) => line.includes(word))
  return at === -1 ? '' : `; line ${at + 1} is ${JSON.stringify((lines[at] ?? '').trim().slice(0, 100))}`
}
