/** A text that is imported: where it comes from, and the lines of its parts. */

/** A place in an imported file; the line from 1. */
export interface SourcePlace {
  readonly file: string
  readonly line: number
}

/** A text with the file and line where it begins. A block of a Markdown document begins in the middle of its file. */
export interface SourceText {
  readonly file: string
  readonly text: string
  /** The line of the first character, from 1. */
  readonly line: number
}

/** The most bytes of an imported file. */
export const MAX_IMPORT_BYTES = 4_000_000
/** The most levels of brackets, or of values in a document. */
export const MAX_IMPORT_DEPTH = 100

/** The input cannot be imported at all. `message` says why, with the line; `hint` says what to do. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
  readonly at: SourcePlace
  readonly hint: string

  constructor(at: SourcePlace, message: string, hint: string) {
    super(message)
    this.at = at
    this.hint = hint
  }
}

/** Finds the line of an offset by bisection. Returns a function from offsets, in UTF-16 units, to places. */
export function placesIn(source: SourceText): (offset: number) => SourcePlace {
  const starts = [0]
  for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { file: source.file, line: source.line + low }
  }
}

/** A name that may come from a file system, without line breaks and control characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '?')
}
