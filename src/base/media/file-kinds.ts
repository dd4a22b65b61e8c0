/**
 * The media types that Plinth recognises by the content of a file: one row each. A file is never believed to be what its sender says
 * (ASVS 5.2.2).
 */

/** How a type is recognised. */
export type Recognised =
  /** One of these texts of bytes at an offset. `and`: another one must be there too. */
  | { readonly by: 'bytes'; readonly any: readonly ByteMark[]; readonly and?: ByteMark }
  /** The first bytes are UTF-8 without control characters. `has`: they have this text. */
  | { readonly by: 'text'; readonly has?: RegExp }

/** Bytes, as a text of one character each, at an offset. An offset of null: anywhere in the first bytes. */
export interface ByteMark {
  readonly at: number | null
  readonly bytes: string
}

/** What browsers may do with files of a type: show them as an image, or nothing but save them. */
export type Shown = 'image' | 'saved'

/** The facts about a type. */
export interface FileKind {
  readonly recognised: Recognised
  readonly shown: Shown
}

function starting(...texts: readonly string[]): Recognised {
  return { by: 'bytes', any: texts.map((bytes) => ({ at: 0, bytes })) }
}

/** ISO base media files name their brand after `ftyp` (ISO/IEC 14496-12, section 4.3). */
function brand(...brands: readonly string[]): Recognised {
  return { by: 'bytes', any: brands.map((name) => ({ at: 4, bytes: `ftyp${name}` })) }
}

/** RIFF files name their form at offset 8. */
function riff(form: string): Recognised {
  return { by: 'bytes', any: [{ at: 8, bytes: form }], and: { at: 0, bytes: 'RIFF' } }
}

/** A ZIP file with this text in its first bytes. */
function zipWith(...texts: readonly string[]): Recognised {
  return { by: 'bytes', any: texts.map((bytes) => ({ at: null, bytes })), and: { at: 0, bytes: 'PK\x03\x04' } }
}

const saved = (recognised: Recognised): FileKind => ({ recognised, shown: 'saved' })
const image = (recognised: Recognised): FileKind => ({ recognised, shown: 'image' })
const text = (has?: RegExp): FileKind => saved({ by: 'text', ...(has === undefined ? {} : { has }) })

/** The types, by name. Types whose files are also files of another type come before it. */
export const FILE_KINDS: ReadonlyMap<string, FileKind> = new Map([
  ['image/png', image(starting('\x89PNG\r\n\x1a\n'))],
  ['image/jpeg', image(starting('\xff\xd8\xff'))],
  ['image/gif', image(starting('GIF87a', 'GIF89a'))],
  ['image/webp', image(riff('WEBP'))],
  ['image/avif', image(brand('avif', 'avis'))],
  ['image/heic', saved(brand('heic', 'heix', 'hevc', 'mif1'))],
  ['image/tiff', saved(starting('II*\x00', 'MM\x00*'))],
  ['image/x-icon', saved(starting('\x00\x00\x01\x00'))],
  ['application/pdf', saved(starting('%PDF-'))],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', saved(zipWith('word/'))],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', saved(zipWith('xl/'))],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', saved(zipWith('ppt/'))],
  ['application/vnd.oasis.opendocument.text', saved(zipWith('application/vnd.oasis.opendocument.text'))],
  ['application/vnd.oasis.opendocument.spreadsheet', saved(zipWith('application/vnd.oasis.opendocument.spreadsheet'))],
  ['application/epub+zip', saved(zipWith('application/epub+zip'))],
  ['application/zip', saved(starting('PK\x03\x04', 'PK\x05\x06'))],
  ['application/gzip', saved(starting('\x1f\x8b\x08'))],
  ['application/x-7z-compressed', saved(starting("7z\xbc\xaf'\x1c"))],
  ['application/x-tar', saved({ by: 'bytes', any: [{ at: 257, bytes: 'ustar' }] })],
  ['application/rtf', saved(starting('{\\rtf'))],
  ['audio/mpeg', saved(starting('ID3', '\xff\xfb', '\xff\xf3', '\xff\xf2'))],
  ['audio/wav', saved(riff('WAVE'))],
  ['audio/flac', saved(starting('fLaC'))],
  ['audio/ogg', saved(starting('OggS'))],
  ['audio/mp4', saved(brand('M4A ', 'M4B '))],
  ['video/quicktime', saved(brand('qt  '))],
  ['video/mp4', saved(brand('isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'dash', 'M4V ', 'MSNV'))],
  ['video/webm', saved({ by: 'bytes', any: [{ at: null, bytes: 'webm' }], and: { at: 0, bytes: '\x1aE\xdf\xa3' } })],
  ['video/x-matroska', saved(starting('\x1aE\xdf\xa3'))],
  ['image/svg+xml', text(/<svg[\s>]/i)],
  ['application/json', text(/^\s*[[{"\d\-tfn]/)],
  ['application/xml', text(/^\s*</)],
  ['text/html', text()],
  ['text/csv', text()],
  ['text/markdown', text()],
  ['text/calendar', text(/^\s*BEGIN:VCALENDAR/i)],
  ['text/plain', text()],
])

/** The type of a file that no row fits. */
export const ANY_BYTES = 'application/octet-stream'

/** The number of bytes at the beginning of a file by which its type is recognised. */
export const SAMPLE_BYTES = 4_096
