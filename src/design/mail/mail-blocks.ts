/** Resolves the blocks of a mail, and its attachments. */

import { basename } from 'node:path'
import { unreachable } from '../../base/unreachable.ts'
import type { MailAttachment, MailBlock, MailImage, MailTable } from '../../model/mail.ts'
import type { MailAttachmentDesign, MailBlockDesign, MailImageDesign, MailTableDesign } from '../authoring/mail-design.ts'
import { elementsWords, rowNamed } from '../logic/logic-context.ts'
import { elements } from '../outline/expressions.ts'
import { linkText } from './mail-link.ts'
import { inside, type MailPlace, mailText, reportAbsent, standingOf } from './mail-place.ts'

/** Resolves a block; one that cannot be used is left out, with findings. */
export function mailBlock(design: MailBlockDesign, place: MailPlace): readonly MailBlock[] {
  if ('heading' in design) return [{ kind: 'heading', text: mailText(design.heading, inside(place, 'heading')) }]
  if ('text' in design) return [{ kind: 'text', text: mailText(design.text, inside(place, 'text')) }]
  if ('button' in design) {
    const { label, link } = design.button
    const at = inside(place, 'button')
    return [{ kind: 'button', label: mailText(label, inside(at, 'label')), link: linkText(link, inside(at, 'link')) }]
  }
  if ('table' in design) {
    const table = mailTable(design.table, inside(place, 'table'))
    return table === null ? [] : [{ kind: 'table', table }]
  }
  if ('image' in design) return mailImage(design.image, inside(place, 'image'))
  return unreachable(design)
}

/** Resolves a table of the rows of a relation; null, with findings, for anything else. */
function mailTable({ each, columns }: MailTableDesign, place: MailPlace): MailTable | null {
  const at = inside(place, 'each')
  const [, name, over = ''] = /^([A-Za-z][A-Za-z0-9]*) +in +(.*)$/s.exec(each) ?? []
  if (name === undefined) {
    place.context.report.add('PLN-D648', at.at, 'each has a name and a relation', 'write each: l in lines')
    return null
  }
  const found = elements(over, standingOf(at), place.context)
  if (found === null) return null
  if (found.kind !== 'rows') {
    place.context.report.add('PLN-D648', at.at, `a table has the rows of a relation, and this is ${elementsWords(found)}`)
    return null
  }
  if (found.set.via !== null) reportAbsent([found.set.of], at)
  const as = `each.${name}`
  const names = new Map([...place.names, [name, rowNamed(as, found.set.entity)] as const])
  const row: MailPlace = { ...place, names, values: [] }
  return {
    as,
    over: found.set,
    columns: columns.map(({ heading, value, align = 'left' }, i) => ({
      heading: mailText(heading, inside(place, 'columns', i, 'heading')),
      value: mailText(value, inside(row, 'columns', i, 'value')),
      align,
    })),
    values: row.values,
  }
}

function mailImage({ file, link, alt, width }: MailImageDesign, place: MailPlace): readonly MailBlock[] {
  const { report } = place.context
  if ((file === undefined) === (link === undefined)) {
    report.add('PLN-D103', place.at, 'an image has either file or link', 'write file: and the path of a PNG, JPEG or GIF file')
    return []
  }
  const source: MailImage =
    file === undefined
      ? { kind: 'link', link: linkText(link ?? '', inside(place, 'link')) }
      : { kind: 'file', file: { path: file, bytes: null } }
  return [{ kind: 'image', source, alt: mailText(alt, inside(place, 'alt')), width: width ?? null }]
}

/** Resolves an attachment. */
export function mailAttachment(design: MailAttachmentDesign, place: MailPlace): MailAttachment {
  if ('content' in design) {
    const [name, content] = [mailText(design.name, inside(place, 'name')), mailText(design.content, inside(place, 'content'))]
    return { kind: 'content', name, content }
  }
  const name = mailText(design.name ?? escaped(basename(design.file)), inside(place, 'name'))
  return { kind: 'file', name, file: { path: design.file, bytes: null } }
}

/** The name of a file as a text of a mail. */
function escaped(name: string): string {
  return name.replaceAll('{', '{{').replaceAll('}', '}}')
}
