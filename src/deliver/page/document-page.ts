/** The frame of each page of the hand-over: its head and its style. */

import { html, type Markup } from '../../verify/report/page/markup.ts'
import { STYLE } from '../../verify/report/page/style.ts'

const OWN = `
.first { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 0 2rem; align-items: start } .first h2 { margin-top: 1rem; border-top: 0; padding-top: 0 }
.cards { list-style: none; padding: 0; margin: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .75rem } .cards li { background: var(--raised); border: 1px solid var(--line); border-radius: 10px; padding: .7rem 1rem; margin: 0 } .cards h3 { margin: 0 } .cards p { margin: .25rem 0 0 }
.aside h2 { font-size: 1rem; margin-bottom: .25rem } .aside ul { font-size: .92rem } .tag { font-weight: 400 } .card-verdict .tag { font-size: .85rem; font-weight: 600 }
.diagram { display: block } .diagram .box { fill: var(--raised); stroke: var(--line) } .diagram text { fill: var(--text); font: 12px ui-monospace, "SF Mono", Menlo, Consolas, monospace } .diagram .box-title { font-weight: 600 } .diagram .box-line { fill: var(--soft) } .diagram .link { fill: none; stroke: var(--soft) } .diagram .end { fill: var(--soft) }
main > section > details { border: 1px solid var(--line); border-radius: 8px; padding: .4rem .75rem; margin: .4rem 0 }
@media (max-width: 50rem) { .first { grid-template-columns: minmax(0, 1fr) } .cards { grid-template-columns: repeat(2, minmax(0, 1fr)) } .cards li { padding: .6rem .75rem } }
`

/** A page in English that needs no script and no network. */
export function documentPage(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${{ markup: STYLE + OWN }}</style>
</head>
<body>
${body}
</body>
</html>
`.markup
}
