/** The page that a browser gets in place of a problem. */

import { escapeHtml } from '../../../base/texts/html-text.ts'
import { pageHeaders } from './page-headers.ts'

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
main { max-width: 36rem; margin: 15vh auto 0; padding: 0 1.5rem }
h1 { font-size: 1.5rem; margin: 0 0 .5rem }
p { margin: 0 0 1rem; overflow-wrap: anywhere }
small { color: GrayText }
`

const HEADERS = pageHeaders([STYLE])

/** The parts of a problem that its page takes over. */
export interface HeadOfProblem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** What a page says about a failure. */
export interface ShownFailure {
  readonly title: string
  readonly detail: string
  readonly traceId: string
}

/** The answer to a failure as a page, with the status and the other header fields of the problem. */
export function errorPage(problem: HeadOfProblem, { title, detail, traceId }: ShownFailure): HeadOfProblem & { readonly body: string } {
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p><small>${problem.status} · ${escapeHtml(traceId)}</small></main></body>
</html>
`
  return { status: problem.status, headers: { ...problem.headers, ...HEADERS }, body }
}
