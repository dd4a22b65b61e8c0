/** Makes small files that a field accepts. */

import { ANY_BYTES, type ByteMark, FILE_KINDS, type Recognised } from './file-kinds.ts'
import { covers, recognise } from './recognise.ts'

/** A file, and the media type that its content has. */
export interface SampleFile {
  readonly type: string
  readonly bytes: Buffer
}

/** Texts of which each type of text recognises one. */
const TEXTS = ['Sample', '"Sample"', '<svg xmlns="http://www.w3.org/2000/svg"/>', '<sample/>', 'BEGIN:VCALENDAR'] as const

/**
 * A small file of one of the accepted types (null: of any type) with at most `max` bytes; null where there is none. It has the marks of its
 * type alone, so no program can show it.
 */
export function sampleFile({ accept, max }: { readonly accept: readonly string[] | null; readonly max: number }): SampleFile | null {
  const types = ['text/plain', ...FILE_KINDS.keys(), ANY_BYTES].filter((type) => accept?.some((one) => covers(one, type)) !== false)
  for (const type of types) {
    const bytes = bytesOf(FILE_KINDS.get(type)?.recognised).find(
      (sample) => sample.length <= max && recognise({ sample, declared: type, accept: [type] }) === type,
    )
    if (bytes !== undefined) return { type, bytes }
  }
  return null
}

function bytesOf(recognised: Recognised | undefined): readonly Buffer[] {
  if (recognised?.by !== 'bytes') return TEXTS.map((text) => Buffer.from(text))
  const { any, and } = recognised
  return any.map((mark) => marked(and === undefined ? [mark] : [and, mark]))
}

/** The marks at their offsets, with zeros between them. A mark that may be anywhere is the last one. */
function marked(marks: readonly ByteMark[]): Buffer {
  let bytes = Buffer.alloc(0)
  for (const mark of marks) {
    const at = mark.at ?? bytes.length
    const text = Buffer.from(mark.bytes, 'latin1')
    const longer = Buffer.alloc(Math.max(bytes.length, at + text.length))
    bytes.copy(longer)
    text.copy(longer, at)
    bytes = longer
  }
  return bytes
}
