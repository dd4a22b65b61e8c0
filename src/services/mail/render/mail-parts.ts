/** The content of one mail, filled with its values and in one language: what both of its forms are written from. */

import { unreachable } from '../../../base/unreachable.ts'
import type { MailBlock, MailFile } from '../../../model/mail.ts'
import { type Filling, filled, filledLink, fillingOf, type SecretOf } from './mail-data.ts'

/** A part of a mail, as plain texts that are not escaped. */
export type ContentPart =
  | { readonly kind: 'heading' | 'text'; readonly text: string }
  /** The link is null if the values make none that a mail may lead to. */
  | { readonly kind: 'button'; readonly label: string; readonly link: string | null }
  | {
      readonly kind: 'table'
      readonly columns: readonly { readonly heading: string; readonly align: 'left' | 'right' }[]
      readonly rows: readonly (readonly string[])[]
      /** How many rows are left out. */
      readonly beyond: number
    }
  | { readonly kind: 'image'; readonly source: string | null; readonly alt: string; readonly width: number | null }

/** The rows that the statement of a mail has found for a table, and how many more there are. */
export type FoundTable = readonly [rows: readonly (readonly unknown[])[], beyond: number]

/** The last line of a table with so many more rows, in all languages. */
export function beyondLine(beyond: number): string {
  return `… + ${beyond}`
}

/** An image that is sent with the mail. */
export interface InlineImage {
  /** The part of its `Content-ID` before `@`. */
  readonly id: string
  readonly file: MailFile
}

/** The parts of a mail, and the images that they show. */
export interface Content {
  readonly parts: readonly ContentPart[]
  readonly images: readonly InlineImage[]
}

/** Fills the blocks of a mail. `tables` are the rows of its tables, in the order of the blocks. */
export function contentOf(
  blocks: readonly MailBlock[],
  filling: Filling,
  { tables, secretOf }: { readonly tables: readonly FoundTable[]; readonly secretOf: SecretOf },
): Content {
  const images: InlineImage[] = []
  let table = 0
  const parts = blocks.map((block): ContentPart => {
    switch (block.kind) {
      case 'heading':
      case 'text':
        return { kind: block.kind, text: shown(filled(block.text, filling)) }
      case 'button':
        return { kind: 'button', label: shown(filled(block.label, filling)), link: filledLink(block.link, filling) }
      case 'table': {
        const { columns, values } = block.table
        const [shownRows, beyond] = tables[table++] ?? [[], 0]
        const rows = shownRows.map((found) => {
          const own = fillingOf(found, values, { language: filling.language, secretOf })
          return columns.map(({ value }) => shown(filled(value, own)))
        })
        return {
          kind: 'table',
          columns: columns.map(({ heading, align }) => ({ heading: shown(filled(heading, filling)), align })),
          rows,
          beyond,
        }
      }
      case 'image': {
        const { alt, source, width } = block
        if (source.kind === 'link')
          return { kind: 'image', source: filledLink(source.link, filling), alt: shown(filled(alt, filling)), width }
        const id = `image-${images.length + 1}`
        images.push({ id, file: source.file })
        return { kind: 'image', source: `cid:${id}@plinth`, alt: shown(filled(alt, filling)), width }
      }
      default:
        return unreachable(block)
    }
  })
  return { parts, images }
}

/** A text without control characters, which no mail shows, and with line breaks of one kind. */
function shown(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .toWellFormed()
}
