/**
 * Reads the one file of a form (`multipart/form-data`, RFC 7578) as its bytes arrive. A form with anything else than one file is refused.
 * Unexpected parts are not skipped, so no part of a request is without effect.
 */

import { freeChunk } from '../../base/bytes/free-chunk.ts'
import { failure } from '../../base/failure.ts'
import { nameIn } from '../../base/media/file-name.ts'

/** The file of a form. */
export interface FormFile {
  /** As the sender gives it. */
  readonly name: string
  /** Its media type as the sender gives it, in lower case without parameters; null for none. */
  readonly declared: string | null
  /** Its bytes. They end only when the end of the form was read. @throws Failure `malformed_form` */
  readonly bytes: AsyncGenerator<Buffer>
}

/** Bytes of the header of a part. */
const HEADER_BYTES = 8_192
/** Fields of the header of a part. */
const HEADER_FIELDS = 20

/** The most bytes of a form besides the file: its delimiters and its header. */
export const FORM_BYTES = HEADER_BYTES + 512

/**
 * The text between the parts of a form, by its media type; null for a body that is no form.
 *
 * @throws Failure `malformed_form` for a form without one.
 */
export function boundaryOf(contentType: string | undefined): string | null {
  if (contentType === undefined || !/^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType)) return null
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))\s*(?:;|$)/i.exec(contentType) ?? []
  const boundary = quoted ?? plain ?? ''
  // RFC 2046, section 5.1.1: at most 70 of these characters, and no space at the end.
  if (!/^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary)) throw malformed('its Content-Type has no boundary')
  return boundary
}

/**
 * Reads a form up to the first byte of its file.
 *
 * @param chunks the bytes of the form; they are ended with those of the file
 * @throws Failure `malformed_form`, `encoded_upload`; the error of the chunks.
 */
export async function openFormFile(chunks: AsyncGenerator<Buffer>, boundary: string): Promise<FormFile> {
  const reader = openReader(chunks)
  const start = await reader.exactly(boundary.length + 4)
  if (start?.toString('latin1') !== `--${boundary}\r\n`) throw malformed('it does not begin with its boundary')
  const header = await reader.until('\r\n\r\n', HEADER_BYTES)
  if (header === null) throw malformed(`the header of a part has no end, or more than ${HEADER_BYTES} bytes`)
  const file = fileIn(fieldsOf(header.toString('latin1')))
  return { ...file, bytes: bytesOf(reader, `\r\n--${boundary}`) }
}

/** The bytes up to the delimiter, which ends the form. */
async function* bytesOf(reader: Reader, delimiter: string): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const { bytes, isEnd } = await reader.before(delimiter)
      if (bytes === null) throw malformed('it ends within the file')
      if (bytes.length > 0) yield bytes
      if (isEnd) break
    }
    const after = (await reader.exactly(2))?.toString('latin1')
    if (after === '\r\n') throw malformed('it has more than one part')
    if (after !== '--') throw malformed('its boundary is followed by other bytes')
    const rest = await reader.rest(2)
    if (rest === null || !['', '\r\n'].includes(rest.toString('latin1'))) throw malformed('something follows its end')
  } finally {
    await reader.end()
  }
}

/** A field: a token, and a value without controls (RFC 9110, section 5). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that no value has
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)$/

/** The fields of the header of a part, by name in lower case. @throws Failure `malformed_form` */
function fieldsOf(header: string): ReadonlyMap<string, string> {
  const lines = header.split('\r\n')
  if (lines.length > HEADER_FIELDS) throw malformed(`the header of a part has more than ${HEADER_FIELDS} fields`)
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? []
    if (name === '' || fields.has(name.toLowerCase())) throw malformed('the header of a part is broken')
    fields.set(name.toLowerCase(), value)
  }
  return fields
}

/** @throws Failure `malformed_form` for a part that is no file, `encoded_upload` for one that is encoded. */
function fileIn(fields: ReadonlyMap<string, string>): Pick<FormFile, 'name' | 'declared'> {
  const disposition = fields.get('content-disposition') ?? ''
  if (!/^form-data\s*;/i.test(disposition)) throw malformed('a part is not form-data')
  const name = nameIn(disposition)
  if (name === null) throw malformed('a part is a field and no file; the form has the file alone')
  const coding = (fields.get('content-transfer-encoding') ?? 'binary').trim().toLowerCase()
  if (!['binary', '7bit', '8bit'].includes(coding)) throw failure('encoded_upload', {})
  const type = (fields.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type.startsWith('multipart/')) throw malformed('a part has parts of its own')
  return { name, declared: type === '' ? null : type }
}

function malformed(what: string) {
  return failure('malformed_form', { what })
}

/** Takes bytes from chunks. The bytes that it gives are valid until the next call. */
interface Reader {
  /** Exactly this number of bytes; null if there are fewer. */
  readonly exactly: (bytes: number) => Promise<Buffer | null>
  /** The bytes before a mark, which is taken too; null if there is no mark after at most `most` bytes. */
  readonly until: (mark: string, most: number) => Promise<Buffer | null>
  /** Some bytes before a mark. `isEnd`: the mark follows them and is taken. `bytes` is null if the chunks end without it. */
  readonly before: (mark: string) => Promise<{ readonly bytes: Buffer | null; readonly isEnd: boolean }>
  /** All other bytes; null if there are more than `most`. */
  readonly rest: (most: number) => Promise<Buffer | null>
  readonly end: () => Promise<void>
}

function openReader(chunks: AsyncGenerator<Buffer>): Reader {
  let held: Buffer = Buffer.alloc(0)
  let joined: Buffer | null = null
  const more = async (): Promise<boolean> => {
    // Chunks are freed when the next one is asked for, and so are those that are made here.
    const rest = Buffer.from(held)
    if (joined !== null) freeChunk(joined)
    const { done, value } = await chunks.next()
    joined = done === true ? null : Buffer.concat([rest, value])
    held = joined ?? rest
    return done !== true
  }
  const take = (bytes: number): Buffer => {
    const taken = held.subarray(0, bytes)
    held = held.subarray(bytes)
    return taken
  }
  return {
    async exactly(bytes) {
      while (held.length < bytes) if (!(await more())) return null
      return take(bytes)
    },
    async until(mark, most) {
      for (let at = held.indexOf(mark); ; at = held.indexOf(mark)) {
        if (at > most || (at < 0 && held.length > most + mark.length)) return null
        if (at >= 0) {
          const found = take(at)
          take(mark.length)
          return found
        }
        if (!(await more())) return null
      }
    },
    async before(mark) {
      // The bytes at the end may be the beginning of the mark.
      while (held.length < mark.length) if (!(await more())) return { bytes: null, isEnd: true }
      const at = held.indexOf(mark)
      if (at < 0) return { bytes: take(held.length - mark.length + 1), isEnd: false }
      const bytes = take(at)
      take(mark.length)
      return { bytes, isEnd: true }
    },
    async rest(most) {
      while (held.length <= most) if (!(await more())) return held
      return null
    },
    async end() {
      await chunks.return(undefined)
    },
  }
}
