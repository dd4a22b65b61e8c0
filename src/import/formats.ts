/** The formats that can be imported, and how one is recognised. */

import { extname } from 'node:path'
import type { DataSketch } from './sketch/sketch.ts'
import { ImportError, type SourceText } from './text/source-file.ts'

/** What is known about a format. */
interface FormatFacts {
  /** What people call it. */
  readonly title: string
  /** The ends of the names of its files. */
  readonly extensions: readonly string[]
  /** Whether a text without such a name is of this format. */
  readonly looksLike: RegExp
  /** Reads a text into a sketch. Its code is loaded when it is needed. */
  readonly read: (source: SourceText) => Promise<DataSketch>
}

const FORMATS = {
  sql: {
    title: 'SQL',
    extensions: ['.sql', '.ddl', '.pgsql', '.psql'],
    looksLike: /^\s*(?:--[^\n]*\n\s*)*(?:create|alter|begin|set|drop|comment)\s/i,
    read: async (source) => (await import('./sql/read-sql.ts')).readSql(source),
  },
} as const satisfies Record<string, FormatFacts>

/** The name of a format. */
export type FormatName = keyof typeof FORMATS

/** The names of all formats. */
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[]

/** The format of a text, by the name of its file, else by how it begins. @throws ImportError if it is none of the known ones. */
export function importFormatOf({ file, text, line }: SourceText): FormatName {
  const extension = extname(file).toLowerCase()
  const facts: Readonly<Record<FormatName, FormatFacts>> = FORMATS
  const named = FORMAT_NAMES.find((name) => facts[name].extensions.includes(extension))
  const found = named ?? FORMAT_NAMES.find((name) => facts[name].looksLike.test(text.slice(0, 5_000)))
  if (found !== undefined) return found
  const known = FORMAT_NAMES.map((name) => facts[name].title).join(', ')
  throw new ImportError({ file, line }, 'the file is of no format that can be imported', `it may be ${known}; say which with --from`)
}

/** Reads a text of a format. @throws ImportError for a text that cannot be read at all. */
export async function readFormat(name: FormatName, source: SourceText): Promise<DataSketch> {
  return FORMATS[name].read(source)
}
