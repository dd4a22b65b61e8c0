/**
 * Finds what a Markdown document asks for: sentences with an id (`FR-1: …`), the criteria of Kiro (`### Requirement 1`), the stories and
 * scenarios of Spec Kit (`### User Story 1`), and sentences of EARS (`When …, the system shall …`).
 *
 * Source for EARS: A. Mavin et al., Easy Approach to Requirements Syntax, RE'09.
 */

import type { SketchRequirement } from '../sketch/sketch.ts'
import type { SourceText } from '../text/source-file.ts'
import { type TextItem, textItems } from './requirement-items.ts'

/** Words that begin the ids of requirements. Other words do if several ids have them. */
const WORDS = /^(?:FR|NFR|REQ|RQ|R|BR|UR|SR|PR|QR|CR|DR|IR|TR|SC|AC|US|UC|NFREQ|SEC|PERF|SYS)(?:[-_.]|\d|$)/
/** Names that look like ids. */
const OTHERS = /^(?:HTTP|ISO|UTF|RFC|SHA|MD|AES|RSA|TLS|SSL|IPV|IP|CWE|CVE|WCAG|PCI|ES|HTML|CSS|P|T|V|H|Q|S|ADR|PR|ISSUE|GH)[-_.]?\d/
const ID =
  /^\[?([A-Z]{1,10}(?:[-_.]?[A-Z]{1,10}){0,3}[-_.]?\d{1,5}(?:\.\d{1,4}){0,3})\]?(?:\s*(?::|\.(?=\s)|\)|—|–|\||-(?=\s))\s*|\s+(?=[A-Z“"]))(.+)$/
const KIRO = /^Requirement\s+(\d{1,4})(?:\s*[:.—–-]\s*(.*))?$/i
const STORY = /^User Story\s+(\d{1,4})\s*[:.—–-]\s*(.*?)(?:\s*\(Priority:?\s*\w+\))?$/i
const EARS =
  /^(?:(?:While|When|Where|If)\b.{3,400}?\b(?:shall|SHALL)\b|(?:The|Each|Every|An?|All)\b.{1,200}?\b(?:shall|SHALL)\b|(?:WHEN|IF|WHILE|WHERE)\s.{3,400}?\b(?:THEN|SHALL|shall|MUST)\b)/
const GIVEN = /^Given\b.*\bthen\b/i
const SECTION = /\b(?:requirements?|acceptance criteria|business rules|acceptance scenarios)\b/i
/** What a requirement of a design may have. */
const LONGEST_ID = 40
const LONGEST_TEXT = 1_900
const SHORTEST_SENTENCE = 3

/** The requirements in the order of the document; without any of a known form, the sentences of its lists. */
export function readRequirements(source: SourceText): readonly SketchRequirement[] {
  const items = textItems(source)
  const isId = idsOf(items)
  const found = walk(items, isId)
  const all = found.length > 0 ? found : items.filter(isSentence).map(({ text, at }) => ({ id: null, text, at }))
  const taken = new Set(all.flatMap(({ id }) => (id === null ? [] : [id])))
  const free = freeIds(taken)
  const once = new Set<string>()
  return all.flatMap(({ id, text, at }) => {
    const name = id ?? free()
    // The first of two with the same id is the one that is defined; others refer to it.
    if (once.has(name)) return []
    once.add(name)
    return [{ id: name, text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)} …` : text, at }]
  })
}

interface Found extends Pick<SketchRequirement, 'text' | 'at'> {
  /** Null for one that has none. */
  readonly id: string | null
}

function walk(items: readonly TextItem[], isId: (id: string) => boolean): readonly Found[] {
  const found: Found[] = []
  let story: { readonly prefix: string; readonly level: number; scenarios: number } | null = null
  let section: number | null = null
  for (const item of items) {
    const { kind, text, number, at } = item
    const [, id = '', rest = ''] = ID.exec(kind === 'row' ? firstCells(text) : text) ?? []
    if (kind === 'heading') {
      if (story !== null && number <= story.level) story = null
      if (section !== null && number <= section) section = null
      const [, kiro] = KIRO.exec(text) ?? []
      const [, us, title = ''] = STORY.exec(text) ?? []
      if (kiro !== undefined) story = { prefix: `R${kiro}`, level: number, scenarios: 0 }
      else if (us !== undefined) {
        story = { prefix: `US${us}`, level: number, scenarios: 0 }
        found.push({ id: story.prefix, text: title, at })
      } else if (id !== '' && isId(id)) found.push({ id, text: rest, at })
      // The title of a document is no section of it.
      else if (number > 1 && SECTION.test(text)) section ??= number
    } else if (id !== '' && isId(id)) found.push({ id, text: rest, at })
    else if (story !== null) {
      const [, told] = /^User Story:\s*(.+)$/i.exec(text) ?? []
      const isCriterion = GIVEN.test(text) || (story.prefix.startsWith('R') && kind !== 'paragraph' && kind !== 'row')
      if (told !== undefined) found.push({ id: story.prefix, text: told, at })
      else if (isCriterion)
        found.push({ id: `${story.prefix}.${kind === 'number' ? nextNumber(story, number) : ++story.scenarios}`, text, at })
    } else if (EARS.test(text) || (section !== null && isSentence(item))) found.push({ id: null, text, at })
  }
  return found
}

/** The number of an item, unless a list begins anew. */
function nextNumber(story: { scenarios: number }, number: number): number {
  story.scenarios = Math.max(story.scenarios + 1, number)
  return story.scenarios
}

/** The items of lists that are sentences. */
function isSentence({ kind, text }: TextItem): boolean {
  return (kind === 'bullet' || kind === 'number') && text.split(' ').length >= SHORTEST_SENTENCE && /[.;!)”"]$/.test(text)
}

/** The first two cells of a row that are not empty, with a stroke between them. */
function firstCells(row: string): string {
  const cells = row.split('|').flatMap((cell) => (cell.trim() === '' ? [] : [cell.trim()]))
  const [id = '', ...rest] = cells
  const longest = rest.toSorted((a, b) => b.length - a.length)[0] ?? ''
  return `${id} | ${longest}`
}

/** Which words are ids: known ones, and those whose word several of them have. */
function idsOf(items: readonly TextItem[]): (id: string) => boolean {
  const words = new Map<string, Set<string>>()
  for (const { kind, text } of items) {
    const [, id] = ID.exec(kind === 'row' ? firstCells(text) : text) ?? []
    if (id !== undefined) words.set(wordOf(id), (words.get(wordOf(id)) ?? new Set()).add(id))
  }
  return (id) => id.length <= LONGEST_ID && !OTHERS.test(id) && (WORDS.test(id) || (words.get(wordOf(id))?.size ?? 0) > 1)
}

function wordOf(id: string): string {
  return id.replace(/[-_.]?\d.*$/, '')
}

function freeIds(taken: ReadonlySet<string>): () => string {
  let number = 0
  return () => {
    do number++
    while (taken.has(`R${number}`))
    return `R${number}`
  }
}
