/** The first page of a backend in development: its name, and commands to try next. */

import { restBase } from '../../model/address/served.ts'
import type { Entity, Model } from '../../model/model.ts'
import { mailsOf } from '../../model/reaction.ts'

/** The content security policy of the page. It allows only inline styles. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Makes the page as HTML, with every text of the design escaped. `steps` are commands for a terminal. */
export function firstPage(model: Model, steps: readonly string[]): string {
  const entities = model.served.rest === null ? [] : model.entities.map((entity) => entityItem(`${restBase(model)}/${entity.path}`, entity))
  const graphql = '<li><a href="/graphql">/graphql</a>: the same rows by GraphQL, with a page to write documents on</li>'
  const mails = mailsOf(model).length === 0 ? '' : '<li><a href="/dev/mail">/dev/mail</a>: the mails that it has sent</li>\n'
  const pending = model.pending.map((p) => `<li>${escapeHtml(p.feature)}</li>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(model.name)} · Plinth</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin-top: 2rem } p.sub { color: #555; margin-top: .2rem }
pre { background: #f4f4f2; padding: .8rem 1rem; border-radius: 6px; overflow-x: auto; font-size: .85rem } a { color: #0a58a6 }
@media (prefers-color-scheme: dark) { body { color: #e8e8e6; background: #16181a } pre { background: #22262a } a { color: #7ab8f5 } p.sub { color: #aaa } }
</style>
<h1>${escapeHtml(model.name)} is running</h1>
<p class="sub">${escapeHtml(model.description ?? 'A backend made from its design by Plinth.')}</p>
<h2>Try next</h2>
${steps.map((step) => `<pre>${escapeHtml(step)}</pre>`).join('\n')}
<p>Edit the design while this runs: a good edit is live within a second, a bad one is explained in the terminal.</p>
<h2>Look around</h2>
<ul>
<li><a href="/docs">/docs</a>: every operation, to read and to try</li>
<li><a href="/openapi.json">/openapi.json</a>: the same for programs</li>
${model.served.graphql ? `${graphql}\n` : ''}${mails}<li><a href="/health/ready">/health/ready</a>: whether it can serve</li>
${entities.join('\n')}
</ul>
${pending.length === 0 ? '' : `<h2>Designed, not yet in effect</h2>\n<ul>${pending.join('')}</ul>`}
</html>
`
}

function entityItem(path: string, { description, name }: Entity): string {
  return `<li><a href="${escapeHtml(path)}"><code>${escapeHtml(path)}</code></a> ${escapeHtml(description ?? name)}</li>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')
}
