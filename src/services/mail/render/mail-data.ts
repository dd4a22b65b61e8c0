/** What the templates of a mail are filled with. */

import { isAllowedUrl, namesHost } from '../../../base/texts/url-text.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { MailText, MailValue, MailVersion } from '../../../model/mail.ts'
import { formatValue } from './format-value.ts'

/** The values of a mail, as texts for a person. */
export interface Filling {
  /** The language of the mail, of which texts with languages have a version; null for a mail without languages. */
  readonly language: string | null
  readonly values: readonly string[]
}

/** Makes the secret of a row from the text that the row keeps. */
export type SecretOf = (stored: string) => string

/** The values as texts. `found` are the values as the statement gives them. */
export function fillingOf(
  found: readonly unknown[],
  values: readonly MailValue[],
  { language, secretOf }: { readonly language: string | null; readonly secretOf: SecretOf },
): Filling {
  return {
    language,
    values: values.map((value, i) => {
      switch (value.kind) {
        case 'term':
          return formatValue(found[i] ?? null, value.type, language ?? 'en')
        case 'token': {
          const stored = found[i]
          return typeof stored === 'string' ? secretOf(stored) : ''
        }
        default:
          return unreachable(value)
      }
    }),
  }
}

/** The version of a text that a mail in a language has: that of the language, or the only one. */
export function versionOf(text: MailText, { language }: Pick<Filling, 'language'>): MailVersion | undefined {
  return text.find((version) => version.language === language) ?? text[0]
}

/** A text with its values, each written as `write` says. */
export function filled(text: MailText, filling: Filling, write: (value: string) => string = (value) => value): string {
  const pieces = versionOf(text, filling)?.pieces ?? []
  return pieces.map((piece) => (piece.kind === 'text' ? piece.text : write(filling.values[piece.number] ?? ''))).join('')
}

/**
 * An address with its values. A value at its beginning is a whole address; others are encoded, so that they end no part of the address.
 * Null for an address that a mail may not lead to.
 */
export function filledLink(text: MailText, filling: Filling): string | null {
  const pieces = versionOf(text, filling)?.pieces ?? []
  const parts = pieces.map((piece, i) => {
    if (piece.kind === 'text') return piece.text
    const value = filling.values[piece.number] ?? ''
    return i === 0 ? value : encodeURIComponent(value.toWellFormed())
  })
  const link = parts.join('')
  const isUsable = isAllowedUrl(link) && (namesHost(link) || /^(?:mailto|tel):/i.test(link))
  return isUsable && !/[\s\p{Cc}]/u.test(link) ? link : null
}

/** The language of a text that serves a recipient: the same tag, the same language, or the first one. Null for a text without languages. */
export function languageFor(texts: readonly MailText[], wanted: string | null): string | null {
  const known = texts.find((text) => text.some(({ language }) => language !== null))?.flatMap(({ language }) => language ?? []) ?? []
  const tag = (wanted ?? '').replaceAll('_', '-').toLowerCase()
  const base = tag.split('-')[0] ?? ''
  const same = known.find((language) => language.toLowerCase() === tag)
  const near = known.find((language) => language.toLowerCase() === base) ?? known.find((each) => each.toLowerCase().split('-')[0] === base)
  return same ?? near ?? known[0] ?? null
}
