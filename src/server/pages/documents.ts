/** The documents that describe the API: OpenAPI, the interactive reference, the first page. */

import type { Compiled } from '../../compile/compile.ts'
import type { Caller } from '../../model/caller.ts'
import type { Mailbox } from '../../services/mail/mailbox.ts'
import type { Answer } from '../http/answer.ts'
import type { HttpRequest } from '../http/request.ts'
import { firstPage, PAGE_POLICY } from './first-page.ts'
import { mailboxPage } from './mailbox-page.ts'
import { type DocsPage, openDocsPage } from './reference-page.ts'

/** The documents and pages of a backend. */
export interface Documents {
  /** The OpenAPI document: of the whole API in development, and of the part that this caller can use in production. */
  readonly openapi: (caller: Caller) => Answer
  /** The interactive reference of that document, for development. */
  readonly reference: DocsPage
  /** The page at `/`, for development. */
  readonly firstPage: () => Answer
  /** The mails that were sent, for development; the address of the request names the one that is shown. */
  readonly mailbox: (request: Pick<HttpRequest, 'url' | 'headers'>) => Answer
}

/** The documents of a backend. Each is made at its first request. */
export function openDocuments(
  { model, openapi }: Compiled,
  options: {
    readonly mode: 'development' | 'production'
    readonly firstSteps: readonly string[]
    readonly mailbox: Mailbox | null
  },
): Documents {
  return {
    openapi: (caller) => ({ status: 200, headers: {}, body: openapi(options.mode === 'development' ? 'all' : caller) }),
    reference: openDocsPage(model.name),
    firstPage: () => ({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY },
      body: firstPage(model, options.firstSteps),
    }),
    mailbox: (request) => mailboxPage(options.mailbox, request),
  }
}
