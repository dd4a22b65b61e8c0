/** What describes the API, to programs and to people. */

import { LIMITS } from '../../base/limits.ts'
import { lru } from '../../base/lru.ts'
import { recall } from '../../base/memo.ts'
import { openapi } from '../../compile/openapi/openapi.ts'
import type { Caller } from '../../model/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { PlanContext } from '../plan/planning.ts'
import { firstPage, PAGE_POLICY } from './first-page.ts'
import { type DocsPage, openDocsPage } from './reference-page.ts'

export interface Documents {
  /** The OpenAPI document: in development of everything, in production of what this caller can reach. */
  readonly openapi: (caller: Caller) => Answer
  /** The interactive reference of that document, for development. */
  readonly reference: DocsPage
  /** The page at `/`, for development. */
  readonly firstPage: () => Answer
}

/** Documents of a running design; each is made when it is first asked for. */
export function openDocuments(
  context: PlanContext,
  options: { readonly mode: 'development' | 'production'; readonly firstSteps: readonly string[] },
): Documents {
  const { model } = context
  const made = lru<Answer>(20)
  const documentFor = (key: string, reach: 'all' | Caller): Answer =>
    recall(made, key, () => ({
      status: 200,
      headers: {},
      body: JSON.stringify(openapi(model, { reach, version: '1.0.0', limits: LIMITS })),
    }))
  return {
    openapi: (caller) => (options.mode === 'development' ? documentFor('all', 'all') : documentFor(context.viewFor(caller).key, caller)),
    reference: openDocsPage(model.name),
    firstPage: () => ({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY },
      body: firstPage(model, options.firstSteps),
    }),
  }
}
