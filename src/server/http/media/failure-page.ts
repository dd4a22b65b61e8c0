/** The pages that browsers get in place of problems: from a template of the design, or that of Plinth. */

import { LIMITS } from '../../../base/limits.ts'
import { memo } from '../../../base/memo.ts'
import type { HtmlTemplate } from '../../../model/address/page.ts'
import { errorPage } from './error-page.ts'
import { fillPage } from './fill-page.ts'
import { pageHeaders } from './page-headers.ts'

/** Parts of a template that are filled in for one page. */
export const PAGE_STEPS = 1_000_000

/** What a page says about a failure, under the names that templates use. */
export interface FailureSaid {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly traceId: string
  readonly path: string
  readonly time: string
  readonly problems: readonly object[]
}

/** The page of an action for its failures. */
export interface FailurePage {
  readonly template: HtmlTemplate
  /** The texts that the client sent, by the name of the input. */
  readonly sent: Readonly<Record<string, unknown>>
}

/** The page about a failure. A template that needs more room than there is gives way to the page of Plinth. */
export function failurePage(
  said: FailureSaid,
  headers: Readonly<Record<string, string>>,
  { template, sent }: { readonly template: HtmlTemplate | null; readonly sent: FailurePage['sent'] },
): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const head = { status: said.status, headers }
  const body = template === null ? null : fillPage(template, { ...said, sent }, { characters: LIMITS.answerBytes, steps: PAGE_STEPS })
  if (template === null || body === null) return errorPage(head, said)
  return { ...head, headers: { ...headers, ...headersOf(template) }, body }
}

const headersOf = memo(({ styles }: HtmlTemplate) => pageHeaders(styles))
