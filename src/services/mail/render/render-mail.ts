/** Makes the message of a mail from its template and the values of its row. */

import { textCell } from '../../../base/texts/csv.ts'
import { escapeHtml } from '../../../base/texts/html-text.ts'
import { BIDI_CONTROLS, headerText } from '../../../base/texts/mail-address.ts'
import type { Mail, MailAttachment } from '../../../model/mail.ts'
import { type Filling, filled, fillingOf, languageFor, type SecretOf } from './mail-data.ts'
import { mailHtml } from './mail-html.ts'
import { contentOf, type FoundTable } from './mail-parts.ts'
import { mailPlain } from './mail-plain.ts'

/** What the statement of a mail has read. */
export interface MailValues {
  /** The language of the recipient; null if it has none. */
  readonly language: string | null
  readonly values: readonly unknown[]
  /** The rows of each table, in the order of the blocks, and how many more there are. */
  readonly tables: readonly FoundTable[]
}

/** A mail as it is sent, without addresses. */
export interface Message {
  readonly subject: string
  readonly html: string
  readonly text: string
  readonly attachments: readonly MessageFile[]
}

/** A file of a message: an image of its HTML, which has an id, or an attachment. */
export interface MessageFile {
  readonly name: string
  readonly type: string
  readonly content: Uint8Array
  /** The `Content-ID` of an image that the HTML shows; null for an attachment. */
  readonly cid: string | null
}

/** Fills a mail with its values. */
export function renderMail(mail: Mail, read: MailValues, secretOf: SecretOf): Message {
  const language = languageFor(textsOf(mail), read.language)
  const filling = fillingOf(read.values, mail.values, { language, secretOf })
  const { parts, images } = contentOf(mail.blocks, filling, { tables: read.tables, secretOf })
  const subject = shortened(headerText(filled(mail.subject, filling)), SUBJECT_CHARACTERS)
  const inline = images.map(({ id, file }) => ({ ...fileOf(file.path, file.bytes), cid: `${id}@plinth` }))
  return {
    subject,
    html: mailHtml(parts, { title: subject, language: language ?? 'en' }),
    text: mailPlain(parts),
    attachments: [...inline, ...mail.attachments.map((attachment) => attached(attachment, filling))],
  }
}

/** The most characters of a subject, and of the name of a file: mail programs show no more, and some servers refuse long header fields. */
const SUBJECT_CHARACTERS = 250
const NAME_CHARACTERS = 120

/** A text of at most so many characters, which ends in `…` if it was longer. No character is cut in two. */
function shortened(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`
}

/** The texts of a mail, one of which has its languages. */
function textsOf({ subject, blocks }: Mail): readonly Mail['subject'][] {
  const inBlocks = blocks.flatMap((block) => {
    if (block.kind === 'heading' || block.kind === 'text') return [block.text]
    if (block.kind === 'button') return [block.label]
    return block.kind === 'image' ? [block.alt] : block.table.columns.map(({ heading }) => heading)
  })
  return [subject, ...inBlocks]
}

function attached(attachment: MailAttachment, filling: Filling): MessageFile {
  const name = fileName(filled(attachment.name, filling, inName))
  if (attachment.kind === 'file') return { ...fileOf(name, attachment.file.bytes), cid: null }
  const type = typeOfFile(name)
  const content = filled(attachment.content, filling, WRITTEN[type] ?? ((value) => value))
  return { name, type, content: Buffer.from(content.toWellFormed(), 'utf8'), cid: null }
}

/** How values are written where characters have a meaning: in a cell (RFC 4180), in a text of a calendar (RFC 5545), in JSON and XML. */
const WRITTEN: Readonly<Record<string, (value: string) => string>> = {
  'text/csv': textCell,
  'text/calendar': (value) =>
    value
      .replace(/[\\;,]/g, '\\$&')
      .replace(/\r\n?|\n/g, '\\n')
      .replace(/\p{Cc}/gu, ''),
  'application/json': (value) => JSON.stringify(value).slice(1, -1),
  'application/xml': escapeHtml,
}

function fileOf(path: string, bytes: Uint8Array | null): Omit<MessageFile, 'cid'> {
  if (bytes === null) throw new Error(`the file ${path} of a mail has not been read`)
  const name = fileName(path)
  return { name, type: typeOfFile(name), content: bytes }
}

/** A value in the name of a file: it begins no folder. */
function inName(value: string): string {
  return value.replace(/[/\\]/g, '_')
}

/** The name of a file without folders and without characters that mean something in a header or a path. */
function fileName(text: string): string {
  const name = headerText((text.split(/[/\\]/).at(-1) ?? '').replace(BIDI_CONTROLS, '_')).replace(/["<>:|?*]/g, '_')
  const [end = ''] = /\.[^.]{1,10}$/.exec(name) ?? []
  const short = `${shortened(name.slice(0, name.length - end.length), NAME_CHARACTERS - end.length)}${end}`
  return short === '' || short.startsWith('.') ? `file${short}` : short
}

const TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  gif: 'image/gif',
  ics: 'text/calendar',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  xml: 'application/xml',
  zip: 'application/zip',
}

/** The media type that the end of a name stands for. HTML and SVG are left out, because a program could run what they contain. */
function typeOfFile(name: string): string {
  const end = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return (Object.hasOwn(TYPES, end) ? TYPES[end] : undefined) ?? 'application/octet-stream'
}
