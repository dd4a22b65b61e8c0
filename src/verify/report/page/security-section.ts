/** The section of security: the classes of faults. */

import { html } from './markup.ts'
import type { Page, Section } from './section.ts'

/** Each class with its verdict. */
export function securitySection({ report, figure }: Page): Section {
  const rows = report.security.map((row, i) => {
    const verdict = html`<span class="tag ${row.verdict}">${row.verdict}</span>`
    const figures = html`<td>${figure(`/security/${i}/cases`)}</td><td>${figure(`/security/${i}/failed`)}</td>`
    return html`<tr><th scope="row">${row.class}</th><td>${row.what}</td><td>${row.owasp}</td><td>${verdict}</td>${figures}</tr>`
  })
  const titles = ['class', 'fault', 'OWASP', 'verdict', 'cases', 'failed'].map((title) => html`<th scope="col">${title}</th>`)
  return {
    id: 'security',
    title: 'Security',
    body: html`<p class="note">Classes of faults of Web APIs, with their place in the OWASP API Security Top 10 of 2023. A class without cases is
not tested, and never passed.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Classes of faults"><table>
<thead><tr>${titles}</tr></thead>
<tbody>${rows}</tbody></table></div>`,
  }
}
