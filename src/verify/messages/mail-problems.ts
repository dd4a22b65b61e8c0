/** What is wrong with a mail that the receiver has got: values of rows that became markup, header fields or recipients. */

import { parse } from 'parse5'
import type { ReceivedMail } from '../cases/message-case.ts'
import { CANARY_ADDRESS } from './hostile-values.ts'
import { headerOf, type MimePart, readMime } from './mime.ts'

/** Header fields that a mail has exactly once. */
const ONCE = ['from', 'to', 'subject', 'message-id', 'date'] as const
/** Header fields that name further recipients. */
const NEVER = ['bcc', 'cc', 'resent-to'] as const

/** What is wrong; null if nothing is. @param to the address that the design names; null where it is not known */
export function mailProblem(mail: ReceivedMail, to: string | null): string | null {
  const mime = readMime(mail.raw)
  return recipientProblem(mail, to) ?? headerProblem(mime) ?? markupProblem(mime)
}

function recipientProblem({ to }: ReceivedMail, wanted: string | null): string | null {
  if (to.includes(CANARY_ADDRESS)) return `a text of a row has become a recipient: ${CANARY_ADDRESS}`
  if (to.length !== 1) return `the mail has ${to.length} recipients`
  return wanted === null || to[0]?.toLowerCase() === wanted.toLowerCase() ? null : `the mail went to ${to[0]}, and not to ${wanted}`
}

function headerProblem(mime: MimePart): string | null {
  const twice = ONCE.find((name) => mime.headers.get(name)?.length !== 1)
  if (twice !== undefined) return `the mail has ${mime.headers.get(twice)?.length ?? 0} fields ${twice}`
  const added = NEVER.find((name) => mime.headers.has(name))
  if (added !== undefined) return `a text of a row has become the header field ${added}`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\u0000-\u001f]/.test(headerOf(mime, 'subject')) ? 'the subject has more than one line' : null
}

/** Templates have no scripts and no attributes that run any, so each one comes from a value. */
function markupProblem(mime: MimePart): string | null {
  if (mime.type === 'text/html' && mime.parts.length === 0) {
    const html = mime.content.toString('utf8')
    const raw = /<script|<i onload/i.exec(html)
    if (raw !== null)
      return `a text of a row stands in the HTML without escapes: ${html.slice(Math.max(0, raw.index - 40), raw.index + 60)}`
    return runningAttribute(parse(html))
  }
  return mime.parts.map(markupProblem).find((problem) => problem !== null) ?? null
}

/** The kinds of blocks in which a mail shows a text of a row that looks like markup. */
export function shownTexts(mail: ReceivedMail): readonly string[] {
  const html = htmlOf(readMime(mail.raw))
  return Object.entries(BLOCKS).flatMap(([block, shown]) => (shown.test(html) ? [block] : []))
}

/** An escaped text in the element that the reference of mails says of a block: headings, cells of tables with lines, and links. */
const BLOCKS: Readonly<Record<string, RegExp>> = {
  heading: /<h[1-6][^>]*>[^<]*&lt;(?:script|i )/i,
  table: /<t[dh][^>]*class="line"[^>]*>[^<]*&lt;(?:script|i )/i,
  button: /<a [^>]*>[^<]*&lt;(?:script|i )/i,
  text: /<p[^>]*>(?:[^<]|<br ?\/?>)*&lt;(?:script|i )/i,
}

function htmlOf(mime: MimePart): string {
  return mime.type === 'text/html' && mime.parts.length === 0 ? mime.content.toString('utf8') : mime.parts.map(htmlOf).join('')
}

interface Node {
  readonly nodeName: string
  readonly attrs?: readonly { readonly name: string; readonly value: string }[]
  readonly childNodes?: readonly Node[]
}

function runningAttribute(node: unknown): string | null {
  const { nodeName, attrs = [], childNodes = [] } = node as Node
  const found = attrs.find(({ name, value }) => name.startsWith('on') || /^\s*javascript:/i.test(value))
  if (found !== undefined) return `a text of a row has become the attribute ${found.name} of ${nodeName}`
  return childNodes.map(runningAttribute).find((problem) => problem !== null) ?? null
}
