/** The formats that can be imported, and how one is recognised. */

import { extname } from 'node:path'
import type { FencedBlock } from './markdown/read-markdown.ts'
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
  /** Reads a text into a sketch. Its code is loaded when it is needed. `heading` is that above a block of a document. */
  readonly read: (source: SourceText, heading?: string | null) => Promise<DataSketch>
}

const FORMATS = {
  sql: {
    title: 'SQL',
    extensions: ['.sql', '.ddl', '.pgsql', '.psql'],
    looksLike: /^\s*(?:--[^\n]*\n\s*)*(?:create|alter|begin|set|drop|comment)\s/i,
    read: async (source) => (await import('./sql/read-sql.ts')).readSql(source),
  },
  prisma: {
    title: 'a Prisma schema',
    extensions: ['.prisma'],
    looksLike: /^\s*(?:\/\/[^\n]*\n\s*)*(?:generator|datasource|model|enum)\s+\w+\s*\{/,
    read: async (source) => (await import('./prisma/read-prisma.ts')).readPrisma(source),
  },
  dbml: {
    title: 'DBML',
    extensions: ['.dbml'],
    looksLike: /^\s*(?:\/\/[^\n]*\n\s*)*(?:project\b[^\n]*\{|table\s+[^\n]*\{|tablegroup\b)/i,
    read: async (source) => (await import('./dbml/read-dbml.ts')).readDbml(source),
  },
  erDiagram: {
    title: 'an entity relationship diagram of Mermaid',
    extensions: [],
    looksLike: /^\s*(?:---\n(?:(?!---)[^\n]*\n)*---\s*)?(?:%%[^\n]*\n\s*)*erDiagram\b/,
    read: async (source) => (await import('./mermaid/read-er-diagram.ts')).readErDiagram(source),
  },
  stateDiagram: {
    title: 'a state diagram of Mermaid',
    extensions: [],
    looksLike: /^\s*(?:---\n(?:(?!---)[^\n]*\n)*---\s*)?(?:%%[^\n]*\n\s*)*stateDiagram\b/,
    read: async (source, heading: string | null = null) =>
      (await import('./mermaid/read-state-diagram.ts')).readStateDiagram(source, heading),
  },
  jdl: {
    title: 'the JHipster Domain Language (JDL)',
    extensions: ['.jdl', '.jh'],
    looksLike: /^\s*(?:\/[/*][^\n]*\n\s*)*(?:application|entity|relationship)\s+[\w{]/,
    read: async (source) => (await import('./jdl/read-jdl.ts')).readJdl(source),
  },
  openapi: {
    title: 'OpenAPI 3',
    extensions: [],
    looksLike: /^\s*(?:#[^\n]*\n\s*)*["']?openapi["']?\s*:\s*["']?3\.|^\s*\{\s*["']openapi["']/m,
    read: async (source) => (await import('./openapi/read-openapi.ts')).readApi(source).sketch,
  },
  asyncapi: {
    title: 'AsyncAPI 2 or 3',
    extensions: [],
    looksLike: /^\s*(?:#[^\n]*\n\s*)*["']?asyncapi["']?\s*:\s*["']?[23]\.|^\s*\{\s*["']asyncapi["']/m,
    read: async (source) => (await import('./asyncapi/read-asyncapi.ts')).readAsyncApi(source),
  },
  markdown: {
    title: 'Markdown with such blocks',
    extensions: ['.md', '.markdown', '.mdx'],
    looksLike: /^#{1,6} |^```/m,
    read: async (source) => (await import('./markdown/read-markdown.ts')).readMarkdown(source, readBlock),
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

/** Whether a text in YAML or JSON is a document of OpenAPI or AsyncAPI. */
export function looksLikeApi(text: string): boolean {
  const start = text.slice(0, 5_000)
  return FORMATS.openapi.looksLike.test(start) || FORMATS.asyncapi.looksLike.test(start)
}

/** Reads a text of a format. @throws ImportError for a text that cannot be read at all. */
export async function readFormat(name: FormatName, source: SourceText): Promise<DataSketch> {
  return FORMATS[name].read(source)
}

/** Words behind a fence, and their formats. Mermaid has several kinds of diagrams, and YAML and JSON may be anything. */
const FENCE_WORDS: Readonly<Record<string, FormatName>> = {
  sql: 'sql',
  postgresql: 'sql',
  postgres: 'sql',
  pgsql: 'sql',
  plpgsql: 'sql',
  ddl: 'sql',
  prisma: 'prisma',
  dbml: 'dbml',
  jdl: 'jdl',
}

/** Reads a block of a document; null for a block of no known format. */
async function readBlock(block: FencedBlock): Promise<DataSketch | null> {
  const facts: Readonly<Record<FormatName, FormatFacts>> = FORMATS
  const found = blockFormat(block)
  return found === null ? null : facts[found].read(block.source, block.heading)
}

/** The format of a block of a document, by its word, else by how it begins; null for none that is known. */
export function blockFormat({ word, source }: FencedBlock): FormatName | null {
  const facts: Readonly<Record<FormatName, FormatFacts>> = FORMATS
  const named = Object.hasOwn(FENCE_WORDS, word) ? FENCE_WORDS[word] : undefined
  const open = FORMAT_NAMES.filter((name) => name !== 'markdown' && (word === '' || word === 'mermaid' || !['sql', 'jdl'].includes(name)))
  return named ?? open.find((name) => facts[name].looksLike.test(source.text.slice(0, 5_000))) ?? null
}
