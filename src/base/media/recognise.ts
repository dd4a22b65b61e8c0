/** Finds the media type of a file by its first bytes. */

import { ANY_BYTES, type ByteMark, FILE_KINDS, type Recognised } from './file-kinds.ts'

/** What is known about a file. */
export interface Unrecognised {
  /** Its first bytes: `SAMPLE_BYTES` of them, or all. */
  readonly sample: Buffer
  /** The type that the sender gives, in lower case and without parameters; null for none. */
  readonly declared: string | null
  /** The types that are accepted, such as `image/png` and `image/*`; null for all. */
  readonly accept: readonly string[] | null
}

/**
 * The media type of a file, or null if it is none of the accepted ones. The type that the sender gives decides only between types that fit
 * the content, such as two types of text.
 */
export function recognise({ sample, declared, accept }: Unrecognised): string | null {
  const isAccepted = (type: string): boolean => accept === null || accept.some((one) => covers(one, type))
  const given = declared === null ? undefined : FILE_KINDS.get(declared)
  if (declared !== null && given !== undefined && isAccepted(declared) && fits(given.recognised, sample)) return declared
  for (const [type, { recognised }] of FILE_KINDS)
    if (recognised.by === 'bytes' && isAccepted(type) && fits(recognised, sample)) return type
  // A text of no declared type is plain text, unless only another type of text is accepted.
  const texts = ['text/plain', ...[...FILE_KINDS].flatMap(([type, { recognised }]) => (recognised.by === 'text' ? [type] : []))]
  const text = texts.find((type) => accept?.includes(type) === true && fits(FILE_KINDS.get(type)?.recognised, sample))
  if (text !== undefined) return text
  if (isAccepted('text/plain') && fits({ by: 'text' }, sample)) return 'text/plain'
  return isAccepted(ANY_BYTES) ? ANY_BYTES : null
}

/** Whether a type of a list, such as `image/*`, covers a type. */
export function covers(one: string, type: string): boolean {
  return one === type || one === '*/*' || (one.endsWith('/*') && type.startsWith(one.slice(0, -1)))
}

function fits(recognised: Recognised | undefined, sample: Buffer): boolean {
  if (recognised === undefined) return false
  if (recognised.by === 'text') {
    const text = textOf(sample)
    return text !== null && (recognised.has === undefined || recognised.has.test(text))
  }
  const { any, and } = recognised
  return any.some((mark) => isAt(sample, mark)) && (and === undefined || isAt(sample, and))
}

function isAt(sample: Buffer, { at, bytes }: ByteMark): boolean {
  if (at === null) return sample.includes(bytes, 0, 'latin1')
  return sample.subarray(at, at + bytes.length).equals(Buffer.from(bytes, 'latin1'))
}

/** The characters that no text has: C0 controls but tab, line feed, form feed and carriage return, and DEL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const CONTROLS = /[\x00-\x08\x0b\x0e-\x1f\x7f]/

/** The first bytes as text, if they are UTF-8; a character may be cut at their end. */
function textOf(sample: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true })
    return CONTROLS.test(text) ? null : text
  } catch {
    return null
  }
}
