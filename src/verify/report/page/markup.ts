/** HTML as a value: every text in a template is escaped, so no text of a backend becomes markup. */

import { escapeHtml } from '../../../base/texts/html-text.ts'

/** A piece of HTML. Only `html` makes it. */
export interface Markup {
  readonly markup: string
}

/** What a template takes: texts and numbers are escaped, pieces stay as they are, lists are joined; null and false leave nothing. */
export type MarkupPart = string | number | Markup | null | false | readonly MarkupPart[]

/** Makes HTML of a template. */
export function html(strings: TemplateStringsArray, ...pieces: readonly MarkupPart[]): Markup {
  return { markup: String.raw({ raw: strings }, ...pieces.map(textOf)) }
}

function textOf(piece: MarkupPart): string {
  if (piece === null || piece === false) return ''
  if (typeof piece === 'string' || typeof piece === 'number') return escapeHtml(visible(String(piece)))
  return 'markup' in piece ? piece.markup : piece.map(textOf).join('')
}

/** Characters that have no form of their own, or turn the direction of text, by their number. */
function visible(text: string): string {
  return text.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is made visible
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
