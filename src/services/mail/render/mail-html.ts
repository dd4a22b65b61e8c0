/**
 * Writes the content of a mail as HTML that mail programs show: tables for the layout, styles in attributes, no scripts, and nothing that
 * is loaded from elsewhere but images with a link. Outlook renders mails with the engine of Word, which knows no other layout.
 */

import { escapeHtml } from '../../../base/texts/html-text.ts'
import { unreachable } from '../../../base/unreachable.ts'
import { beyondLine, type ContentPart } from './mail-parts.ts'

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const INK = '#1f2328'
const LINE = '#d8dee4'
const ACCENT = '#0a58a6'

/**
 * A whole document. Mail programs with a dark mode that follow the styles of a mail use those of `style`; others change the colours
 * themselves.
 */
export function mailHtml(
  parts: readonly ContentPart[],
  { title, language }: { readonly title: string; readonly language: string },
): string {
  const rows = parts.map((part) => `<tr><td class="ink" style="padding:0 0 16px;${FONT};color:${INK}">${partHtml(part)}</td></tr>`)
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #16181a !important } .card { background: #1f2326 !important; border-color: #3a4047 !important }
  .ink, .ink th, .ink td { color: #e6e8ea !important } .line { border-color: #3a4047 !important } .link { color: #7ab8f5 !important }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f4f5f7">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f4f5f7">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="${CARD}">
<tr><td style="padding:28px 28px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
${rows.join('\n')}
</table>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`
}

const CARD = `max-width:600px;background:#ffffff;border:1px solid ${LINE};border-radius:8px`

function partHtml(part: ContentPart): string {
  switch (part.kind) {
    case 'heading':
      return `<h1 style="margin:0;font-size:22px;line-height:1.3">${lines(part.text)}</h1>`
    case 'text':
      return paragraphs(part.text)
        .map((text, i) => `<p style="margin:${i === 0 ? 0 : '12px'} 0 0;font-size:16px;line-height:1.5">${lines(text)}</p>`)
        .join('')
    case 'button':
      return part.link === null ? escapeHtml(part.label) : buttonHtml(part.label, part.link)
    case 'table':
      return tableHtml(part)
    case 'image': {
      if (part.source === null) return escapeHtml(part.alt)
      const width = part.width === null ? '' : ` width="${part.width}"`
      const style = 'display:block;max-width:100%;height:auto;border:0'
      return `<img src="${escapeHtml(part.source)}" alt="${escapeHtml(part.alt)}"${width} style="${style}">`
    }
    default:
      return unreachable(part)
  }
}

/** The padding is that of the link, so that all of the button can be clicked, and the colour that of the cell, because Outlook needs it. */
function buttonHtml(label: string, link: string): string {
  const style = `display:inline-block;padding:12px 22px;${FONT};font-size:16px;font-weight:600;color:#ffffff;text-decoration:none`
  const anchor = `<a href="${escapeHtml(link)}" style="${style}">${escapeHtml(label)}</a>`
  const cell = `<td bgcolor="${ACCENT}" style="border-radius:6px;background:${ACCENT}">${anchor}</td>`
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>${cell}</tr></table>`
}

function tableHtml({ columns, rows, beyond }: Extract<ContentPart, { kind: 'table' }>): string {
  const cell = (tag: 'th' | 'td', text: string, i: number): string => {
    const align = columns[i]?.align ?? 'left'
    const style = `padding:8px 6px;border-bottom:1px solid ${LINE};font-size:15px;text-align:${align};vertical-align:top`
    const nowrap = align === 'right' ? ';white-space:nowrap' : ''
    const scope = tag === 'th' ? ' scope="col"' : ''
    return `<${tag}${scope} class="line" align="${align}" style="${style}${nowrap}">${lines(text)}</${tag}>`
  }
  const head = `<tr>${columns.map(({ heading }, i) => cell('th', heading, i)).join('')}</tr>`
  const body = rows.map((row) => `<tr>${row.map((text, i) => cell('td', text, i)).join('')}</tr>`).join('')
  const more =
    beyond === 0
      ? ''
      : `<tr><td class="ink" colspan="${columns.length}" style="padding:8px 6px;font-size:15px">${beyondLine(beyond)}</td></tr>`
  return `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">${head}${body}${more}</table>`
}

/** The paragraphs of a text: empty lines stand between them. */
function paragraphs(text: string): readonly string[] {
  const found = text.split(/\n[ \t]*(?:\n[ \t]*)+/).filter((paragraph) => paragraph.trim() !== '')
  return found.length === 0 ? [''] : found
}

/** A text in HTML, with its line breaks. */
function lines(text: string): string {
  return escapeHtml(text.replace(/\n+$/, '')).replaceAll('\n', '<br>')
}
