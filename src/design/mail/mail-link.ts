/** Checks the links of mails: what a value in them can change. */

import { endsInHost } from '../../base/texts/url-text.ts'
import type { MailText, MailVersion } from '../../model/mail.ts'
import type { MailTextDesign } from '../authoring/mail-design.ts'
import { inside, type MailPlace, mailText } from './mail-place.ts'

/** Resolves an address that a mail links to. A value chooses neither its scheme nor its host, unless it is the whole address. */
export function linkText(design: MailTextDesign, place: MailPlace): MailText {
  const text = mailText(design, place)
  for (const version of text) checkLink(version, version.language === null ? place : inside(place, version.language))
  return text
}

/** The schemes that mail programs open. */
const ALLOWED = /^(?:https?:\/\/|mailto:|tel:)/i

function checkLink({ pieces }: MailVersion, { at, context, values }: MailPlace): void {
  const report = (message: string, hint: string): void => context.report.add('PLN-D643', at, message, hint)
  let before = ''
  for (const [i, piece] of pieces.entries()) {
    if (piece.kind === 'text') {
      if (/[\s\p{Cc}]/u.test(piece.text)) report('a link has no white space', 'remove it, or write %20')
      before += piece.text
      continue
    }
    const value = values[piece.number]
    const next = pieces[i + 1]
    if (before === '') {
      const isUrl = value?.kind === 'term' && value.type.scalar === 'url' && !value.type.list
      if (!isUrl) report('a value that is the beginning of a link is of the type url', 'begin the link with https:// and a host')
      if (next !== undefined && !(next.kind === 'text' && /^[/?#]/.test(next.text)))
        report('a link that begins with a value goes on with /, ? or #', 'make the whole link in one value')
    } else if (endsInHost(before)) report('this value would choose the host of the link', 'write the host, or the whole link as one value')
    before += 'v'
  }
  const [first] = pieces
  if (first?.kind === 'text' && !ALLOWED.test(first.text))
    report(
      'a link begins with https://, http://, mailto: or tel:',
      'write the whole address; a mail has no page that it could be relative to',
    )
}
