/**
 * Says where in HTML the marks of a template stand. The template is read by an HTML tokenizer with a mark in place of each value and of
 * the ends of each block, so a mark is where a browser will see what replaces it.
 *
 * A block may be left out or repeated. This changes nothing for the text behind it, because both of its ends are in the same state of the
 * tokenizer: in text, in the same `title` or `textarea`, or in the same quoted attribute.
 */

import { createRequire } from 'node:module'
import type { Token, Tokenizer, TokenizerMode } from 'parse5'
import { isAllowedUrl } from '../../base/texts/url-text.ts'
import { PLAIN_TEXT_ELEMENTS, REFUSED_ELEMENTS, refusedAttribute, useOfAttribute } from './html-attributes.ts'

/** Loads the HTML tokenizer with the first template: it takes more memory than this module, and most designs have no templates. */
const tokenizing = (): typeof import('parse5') => createRequire(import.meta.url)('parse5')

/** Begins and ends a mark. Both are private characters, which a template may not have. */
const [OPEN, CLOSE] = ['\uE000', '\uE001']

/** Characters that a template may not have, because marks are made of them, or because HTML does not have them. */
export const RESERVED = /[\uE000\uE001\0]/

/** The text of a mark. */
export function markText(id: number): string {
  return `${OPEN}${id}${CLOSE}`
}

/** A part of a URL: a text, or the number of a mark. */
export type UrlText = { readonly text: string } | { readonly mark: number }

/** The quoted value of an attribute with a URL that has marks: where it is in the marked text, and its decoded parts. */
export interface UrlSpan {
  readonly start: number
  readonly end: number
  readonly parts: readonly UrlText[]
}

/** Where a mark stands. */
export interface MarkPlace {
  /** Equal for two marks in the same text, plain-text element or attribute. */
  readonly inside: string
  /** The URL that the mark is a part of; null elsewhere. */
  readonly url: UrlSpan | null
}

/** A problem at an offset of the marked text, or at a mark. */
export interface HtmlProblem {
  readonly code: 'PLN-D593' | 'PLN-D594'
  readonly at: { readonly offset: number } | { readonly mark: number }
  readonly message: string
  readonly hint: string
}

/** The places of all marks that may stand where they are, and the problems of the others. */
export interface HtmlPlaces {
  readonly marks: ReadonlyMap<number, MarkPlace>
  readonly problems: readonly HtmlProblem[]
  /** The texts of style elements. */
  readonly styles: readonly string[]
}

/** Reads a text with the marks 0 to `count - 1`. */
export function placesOf(marked: string, count: number): HtmlPlaces {
  const marks = new Map<number, MarkPlace>()
  const problems: HtmlProblem[] = []
  const reading: Reading = { marked, marks, problems, styles: [], raw: null, drawings: 0 }
  const tokenizer: Tokenizer = new (tokenizing().Tokenizer)(
    { sourceCodeLocationInfo: true },
    {
      onStartTag: (tag) => startTag(reading, tag, tokenizer),
      onEndTag: (tag) => endTag(reading, tag),
      onCharacter: (token) => characters(reading, token),
      onWhitespaceCharacter: (token) => characters(reading, token),
      onNullCharacter: () => {},
      onComment: ({ data }) =>
        refuseMarks(reading, data, 'a value in a comment is not shown', 'write {{! … }} for a comment of the template'),
      onDoctype: ({ name }) => refuseMarks(reading, name ?? '', 'a value cannot be a document type', 'write <!doctype html>'),
      onEof: () => {},
      onParseError: null,
    },
  )
  tokenizer.write(marked, true)
  for (let id = 0; id < count; id++) {
    if (marks.has(id) || problems.some(({ at }) => 'mark' in at && at.mark === id)) continue
    problems.push(misplaced(id, 'this stands inside a tag', 'move it into text or into the quoted value of an attribute'))
  }
  return { marks, problems, styles: reading.styles }
}

interface Reading {
  readonly marked: string
  readonly marks: Map<number, MarkPlace>
  readonly problems: HtmlProblem[]
  readonly styles: string[]
  /** The element whose text has no tags, and its name for `inside`. */
  raw: { readonly name: string; readonly inside: string } | null
  /** How many svg elements are open. */
  drawings: number
}

function idsIn(text: string): readonly number[] {
  return [...text.matchAll(/\uE000(\d+)\uE001/g)].map(([, id]) => Number(id))
}

function misplaced(mark: number, message: string, hint: string): HtmlProblem {
  return { code: 'PLN-D593', at: { mark }, message, hint }
}

function refuseMarks({ problems }: Reading, text: string, ...[message, hint]: readonly [message: string, hint: string]): void {
  for (const id of idsIn(text)) problems.push(misplaced(id, message, hint))
}

function characters(reading: Reading, { chars, location }: Token.CharacterToken): void {
  const { raw, marks, problems, marked } = reading
  if (raw?.name === 'style') {
    refuseMarks(reading, chars, 'a value in a style would be CSS', 'choose a class by the value, and style the class')
    reading.styles.push(`${reading.styles.pop() ?? ''}${chars}`)
    return
  }
  if (raw !== null && !PLAIN_TEXT_ELEMENTS.has(raw.name)) {
    refuseMarks(reading, chars, `a value in ${raw.name} would be code`, `remove ${raw.name}`)
    return
  }
  for (const id of idsIn(chars)) {
    const offset = marked.indexOf(markText(id), location?.startOffset ?? 0)
    if (/<[!?/]?[A-Za-z]*$/.test(marked.slice(0, offset)))
      problems.push(misplaced(id, 'together with the < before it this could be a tag', 'write &lt; for the character <'))
    else marks.set(id, { inside: raw?.inside ?? 'text', url: null })
  }
}

function startTag(reading: Reading, tag: Token.TagToken, tokenizer: Tokenizer): void {
  const { tagName: name, location } = tag
  const offset = location?.startOffset ?? 0
  const refuse = (message: string, hint: string): void => {
    reading.problems.push({ code: 'PLN-D594', at: { offset }, message, hint })
  }
  const why = REFUSED_ELEMENTS.get(name)
  if (why !== undefined) refuse(`pages have no ${name} element: ${why}`, `remove <${name}>`)
  if (name === 'svg' && !tag.selfClosing) reading.drawings++
  if (name === 'style' && reading.drawings > 0)
    refuse('a style element stands in svg, where it is read by other rules', 'move it into head')
  for (const attribute of tag.attrs) readAttribute(reading, tag, attribute)
  const mode = PLAIN_TEXT_ELEMENTS.has(name) ? 'RCDATA' : RAW_MODES[name]
  if (mode === undefined || (reading.drawings > 0 && name === 'title')) return
  tokenizer.state = tokenizing().TokenizerMode[mode]
  reading.raw = { name, inside: `${name} ${offset}` }
  if (name === 'style') reading.styles.push('')
}

const RAW_MODES: Readonly<Record<string, keyof typeof TokenizerMode>> = {
  script: 'SCRIPT_DATA',
  style: 'RAWTEXT',
  iframe: 'RAWTEXT',
  noembed: 'RAWTEXT',
  noframes: 'RAWTEXT',
  xmp: 'RAWTEXT',
  plaintext: 'PLAINTEXT',
}

function endTag(reading: Reading, { tagName: name, attrs }: Token.TagToken): void {
  for (const { name: attribute, value } of attrs)
    refuseMarks(reading, attribute + value, 'a closing tag has no attributes', 'move it into text')
  if (reading.raw?.name === name) reading.raw = null
  if (name === 'svg') reading.drawings = Math.max(0, reading.drawings - 1)
}

function readAttribute(reading: Reading, tag: Token.TagToken, { name, value }: Token.Attribute): void {
  const { problems, marked, marks } = reading
  const at = { offset: tag.location?.attrs?.[name]?.startOffset ?? tag.location?.startOffset ?? 0 }
  const ids = idsIn(value)
  const why = refusedAttribute(name)
  const use = useOfAttribute(tag.tagName, name)
  if (why !== null) problems.push({ code: 'PLN-D594', at, message: `pages have no attribute ${name}: ${why}`, hint: 'remove it' })
  if (ids.length === 0 && HOLDS_URL.test(name) && !isAllowedUrl(value))
    problems.push({ code: 'PLN-D594', at, message: `${name} leads to another scheme than http, https, mailto or tel`, hint: 'remove it' })
  if (ids.length === 0 || why !== null) return
  const quoted = quotedValue(marked, tag.location?.attrs?.[name])
  if (quoted === null) {
    refuseMarks(reading, value, `the value of ${name} has no quotes, so a space in it would begin another attribute`, `write ${name}="…"`)
  } else if (use === null) {
    refuseMarks(reading, value, `no escaping makes a value in ${name} of ${tag.tagName} safe`, 'use another attribute, or text')
  } else if (use === 'text') {
    for (const id of ids) marks.set(id, { inside: `attribute ${quoted.start}`, url: null })
  } else {
    const span: UrlSpan = { ...quoted, parts: urlTexts(value) }
    for (const id of ids) marks.set(id, { inside: `attribute ${quoted.start}`, url: span })
  }
}

/** Attributes of any element that hold one URL. */
const HOLDS_URL = /^(?:href|src|action|formaction|cite|poster|data|background|manifest|xlink:href)$/

/** Where the value of an attribute is, without its quotes; null if it has none. */
function quotedValue(marked: string, location: Token.Location | undefined): { readonly start: number; readonly end: number } | null {
  if (location === undefined) return null
  const source = marked.slice(location.startOffset, location.endOffset)
  const [, before = '', quote = ''] = /^([^=]*=\s*)(["'])/.exec(source) ?? []
  if (quote === '' || source.at(-1) !== quote || source.length < before.length + 2) return null
  return { start: location.startOffset + before.length + 1, end: location.endOffset - 1 }
}

function urlTexts(value: string): readonly UrlText[] {
  return value.split(/(\uE000\d+\uE001)/).flatMap((part): readonly UrlText[] => {
    const [id] = idsIn(part)
    if (id !== undefined) return [{ mark: id }]
    return part === '' ? [] : [{ text: part }]
  })
}
