/** Small pieces of the documents: texts with code in them, tables, and the frame of a page with its sections. */

import { html, type Markup, type MarkupPart } from '../../verify/report/page/markup.ts'
import type { Section } from '../../verify/report/page/section.ts'
import { documentPage } from '../page/document-page.ts'

/** A text in which `code` is code, **strong** is strong, and [links](…) are their text. */
export function inline(text: string): Markup {
  const parts = text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').split(/(`[^`]+`|\*\*[^*]+\*\*)/)
  return html`${parts.map((part): MarkupPart => {
    if (part.startsWith('`') && part.length > 2) return html`<code>${part.slice(1, -1)}</code>`
    return part.startsWith('**') && part.length > 4 ? html`<b>${part.slice(2, -2)}</b>` : part
  })}`
}

/** A row of a table; the first cell is its head. */
export function row([head = '', ...cells]: readonly MarkupPart[]): Markup {
  return html`<tr><th scope="row">${head}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`
}

/** Code, or a dash for none. */
export function codeOr(text: string | null | undefined, none = '–'): Markup {
  return text === null || text === undefined || text === '' ? html`<span class="note">${none}</span>` : html`<code>${text}</code>`
}

/** A page of the documents with a list of its sections. */
export function sectionPage(title: string, lead: MarkupPart, sections: readonly Section[]): string {
  return documentPage(
    title,
    html`<header><p class="kicker"><a href="index.html">Documents</a></p><h1>${title}</h1><p>${lead}</p></header>
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>${sections.map(({ id, title: name, body }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${name}</h2>${body}</section>`)}</main>`,
  )
}
