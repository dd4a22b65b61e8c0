/** Fills a template with an answer. Every value is escaped for its place in HTML; steps and bytes are limited. */

import { escapeHtml } from '../../../base/texts/html-text.ts'
import { isAllowedUrl, namesHost } from '../../../base/texts/url-text.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { HtmlPart, HtmlTemplate, HtmlValue, UrlPiece } from '../../../model/address/page.ts'
import { answerMember, answerText } from './answer-values.ts'

/** What filling may take. */
export interface PageRoom {
  /** Characters of the page. */
  readonly characters: number
  /** Parts that are filled in, each as often as it is. */
  readonly steps: number
}

/** Fills a template. @param answer JSON as `parseJson` gives it. Null when the page needs more than there is room for. */
export function fillPage({ parts }: HtmlTemplate, answer: unknown, room: PageRoom): string | null {
  const page: Page = { pieces: [], characters: room.characters, steps: room.steps }
  fill(parts, { scopes: [{ value: answer, element: null }], page })
  return page.characters < 0 || page.steps < 0 ? null : page.pieces.join('')
}

interface Page {
  readonly pieces: string[]
  /** What is left. */
  characters: number
  steps: number
}

interface Element {
  readonly index: number
  readonly key: string
  readonly count: number
}

interface Scope {
  readonly value: unknown
  /** Null for a scope that is no element of an `each`. */
  readonly element: Element | null
}

interface Filling {
  readonly scopes: readonly Scope[]
  readonly page: Page
}

function fill(parts: readonly HtmlPart[], filling: Filling): void {
  const { page } = filling
  for (const part of parts) {
    page.steps--
    if (page.steps < 0 || page.characters < 0) return
    fillPart(part, filling)
  }
}

function fillPart(part: HtmlPart, filling: Filling): void {
  switch (part.kind) {
    case 'text':
      add(part.text, filling)
      break
    case 'value':
      add(escapeHtml(answerText(valueAt(part.value, filling))), filling)
      break
    case 'url':
      add(escapeHtml(urlOf(part.pieces, filling)), filling)
      break
    case 'if':
      fill(isThere(valueAt(part.value, filling)) ? part.yes : part.no, filling)
      break
    case 'with': {
      const value = valueAt(part.value, filling)
      if (isThere(value)) fill(part.of, { ...filling, scopes: [...filling.scopes, { value, element: null }] })
      else fill(part.else, filling)
      break
    }
    case 'each':
      fillEach(part, filling)
      break
    default:
      unreachable(part)
  }
}

function fillEach(part: Extract<HtmlPart, { kind: 'each' }>, filling: Filling): void {
  const entries = Object.entries(Object(valueAt(part.value, filling) ?? []))
  if (entries.length === 0) fill(part.else, filling)
  const { page, scopes } = filling
  for (const [index, [key, value]] of entries.entries()) {
    // An element without parts is a step as well.
    page.steps--
    if (page.steps < 0 || page.characters < 0) return
    fill(part.of, { page, scopes: [...scopes, { value, element: { index, key, count: entries.length } }] })
  }
}

function add(text: string, { page }: Filling): void {
  page.characters -= text.length
  if (page.characters >= 0) page.pieces.push(text)
}

function valueAt(value: HtmlValue, { scopes }: Filling): unknown {
  const scope = scopes[value.depth]
  if (value.kind === 'member') return value.path.reduce(answerMember, scope?.value)
  const element = scope?.element ?? { index: 0, key: '', count: 0 }
  switch (value.what) {
    case 'index':
      return element.index
    case 'key':
      return element.key
    case 'first':
      return element.index === 0
    case 'last':
      return element.index === element.count - 1
    default:
      return unreachable(value.what)
  }
}

/** Whether a value counts as true: not null, false, 0, an empty text or an empty list. */
function isThere(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

/** What a link leads to whose value would run code or lead to another host. */
const REFUSED_URL = 'about:invalid'

function urlOf(pieces: readonly UrlPiece[], filling: Filling): string {
  let url = ''
  let isHostAllowed = false
  for (const [i, piece] of pieces.entries()) {
    const text = piece.kind === 'text' ? piece.text : answerText(valueAt(piece.value, filling))
    if (i === 0) isHostAllowed = piece.kind !== 'part' && namesHost(text)
    // `.` and `..` would leave out a part of the path, and no escaping of them has another meaning.
    if (piece.kind === 'part' && !/[?#]/.test(url) && /^\.+$/.test(text)) return REFUSED_URL
    url += piece.kind === 'part' ? encodeURIComponent(text.toWellFormed()) : text
  }
  return isAllowedUrl(url) && (isHostAllowed || !namesHost(url)) ? url : REFUSED_URL
}
