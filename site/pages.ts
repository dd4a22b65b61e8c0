/** The pages of the site: the documents in docs/, in the order of its navigation. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of the documents. */
export const DOCS = join(import.meta.dirname, '../docs')

/** A document. */
export interface Page {
  /** From docs/: `guide/testing.md`. */
  readonly path: string
  readonly title: string
  /** The first sentences, on one line. */
  readonly about: string
  readonly text: string
}

/** A part of the navigation. */
export interface Section {
  readonly title: string
  readonly pages: readonly Page[]
  /** Whether a reader who is in a hurry can do without it. */
  readonly isOptional: boolean
}

/** Guides in the order in which one reads them. Others follow by name. */
const GUIDES = ['production', 'from-express', 'from-pocketbase', 'from-hasura', 'identity', 'testing', 'front-ends']

/** All sections, for the navigation, the search and llms.txt. @throws Error for a document without a title. */
export function sections(): readonly Section[] {
  const inFolder = (folder: string): readonly Page[] =>
    readdirSync(join(DOCS, folder))
      .filter((name) => name.endsWith('.md') && name !== 'index.md')
      .sort()
      .map((name) => pageOf(folder === '' ? name : `${folder}/${name}`))
  const guides = inFolder('guide')
  const first = GUIDES.flatMap((name) => guides.filter(({ path }) => path === `guide/${name}.md`))
  return [
    { title: 'Guides', pages: [...first, ...guides.filter((page) => !first.includes(page))], isOptional: false },
    { title: 'Reference', pages: inFolder('reference'), isOptional: false },
    { title: 'How it is made', pages: inFolder(''), isOptional: true },
    { title: 'Decisions', pages: inFolder('decisions'), isOptional: true },
  ]
}

/** Reads a document. @throws Error if its first line is no title. */
export function pageOf(path: string): Page {
  const text = readFileSync(join(DOCS, path), 'utf8')
  const title = /^# (.+)$/m.exec(text)?.[1]
  if (title === undefined || !text.startsWith('# ')) throw new Error(`docs/${path} does not begin with a title: # …`)
  const paragraph = text
    .split(/\n{2,}/)
    .slice(1)
    .find((part) => /^(?!```|Accepted|\d{4}-)[A-Z`*[]/.test(part))
  return { path, title, about: plain(paragraph ?? ''), text }
}

/** The first sentence of a paragraph, without links and line ends. */
function plain(paragraph: string): string {
  const line = paragraph.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\s+/g, ' ')
  return /^.{40,}?[.](?= |$)/.exec(line)?.[0] ?? line.replace(/:$/, '.')
}
