/**
 * The page at `/graphql` in development, where one writes and sends documents and reads the schema. The page loads nothing and sends
 * requests only to this server.
 */

import { hash } from 'node:crypto'
import { escapeHtml } from '../../base/texts/html-text.ts'
import type { Answer } from '../http/answer.ts'

const SCRIPT = `
const at = (id) => document.getElementById(id)
const run = async () => {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' }
  if (at('token').value !== '') headers.authorization = document.querySelector('main').dataset.scheme + ' ' + at('token').value
  let variables = null
  try {
    variables = at('variables').value.trim() === '' ? null : JSON.parse(at('variables').value)
  } catch {
    at('answer').textContent = 'The variables are not JSON.'
    return
  }
  at('answer').textContent = '…'
  const began = performance.now()
  try {
    const answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query: at('query').value, variables }) })
    const text = await answer.text()
    at('status').textContent = answer.status + ' in ' + Math.round(performance.now() - began) + ' ms'
    at('answer').textContent = JSON.stringify(JSON.parse(text), null, 2)
  } catch (error) {
    at('answer').textContent = String(error)
  }
}
const readSchema = async () => {
  const headers = at('token').value === '' ? {} : { authorization: document.querySelector('main').dataset.scheme + ' ' + at('token').value }
  at('schema').textContent = JSON.parse(await (await fetch('/graphql/schema', { headers })).text()).sdl ?? 'This token gives no access to the schema.'
}
at('run').addEventListener('click', run)
at('details').addEventListener('toggle', readSchema)
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run()
})
`

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; padding: 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.2rem; margin: 0 0 .8rem } main { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
textarea, pre, input { font: 13px/1.5 ui-monospace, monospace; box-sizing: border-box; width: 100%; border: 1px solid #bbb; border-radius: 6px; padding: .6rem; margin: 0 0 .6rem; background: inherit; color: inherit }
#query { height: 50vh } #variables { height: 6rem } pre { overflow: auto; min-height: 50vh; white-space: pre-wrap } label { display: block; font-size: .85rem }
button { font: inherit; padding: .4rem 1.2rem } @media (prefers-color-scheme: dark) { body { color: #e8e8e6; background: #16181a } }
`

/** The HTML of the page. `query` is the first document in its editor. */
export function explorerPage(query: string, scheme: string): Answer {
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash('sha256', SCRIPT, 'base64')}'`,
    `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphQL</title>
<style>${STYLE}</style>
<h1>GraphQL</h1>
<main data-scheme="${scheme}">
<section>
<label for="query">Document</label>
<textarea id="query" spellcheck="false" autofocus>${escapeHtml(query)}</textarea>
<label for="variables">Variables (JSON)</label>
<textarea id="variables" spellcheck="false"></textarea>
<label for="token">Token of POST /api/auth/login, to ask as somebody</label>
<input id="token" autocomplete="off">
<button id="run" type="button">Run (Ctrl-Enter)</button> <span id="status"></span>
</section>
<section>
<label for="answer">Answer</label>
<pre id="answer" tabindex="0"></pre>
</section>
</main>
<details id="details"><summary>Schema</summary><pre id="schema" tabindex="0"></pre></details>
<script>${SCRIPT}</script>
</html>
`
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }, body }
}
