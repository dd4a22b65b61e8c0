/** A client that is made from an OpenAPI document. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Diagnostic } from '../../../src/base/diagnostic.ts'
import { bindCode } from '../../../src/design/code/bind-code.ts'
import { readDesign } from '../../../src/design/read/read.ts'
import { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import { ANONYMOUS } from '../../../src/model/caller.ts'
import type { Model } from '../../../src/model/model.ts'
import { openServices } from '../../../src/services/http/open-services.ts'
import { temporaryFolder } from '../../support/command-line.ts'
import { TRACE } from '../world.ts'

const DESIGN = `name: shop
entities:
  Order:
    fields: { cents: { type: integer } }
    access: { read: 'true', create: 'true', update: 'true', delete: 'true' }
actions:
  pay: { allow: 'true', as: system, transaction: own, run: pay.ts }
integrations:
  http:
    billing: { baseUrl: BILLING_URL, openapi: ./billing.yaml, retries: 0 }
`

export interface BoundClient {
  readonly model: Model | null
  readonly diagnostics: readonly Diagnostic[]
  readonly folder: string
}

/** Reads a design whose service has this document. */
export async function bindDocument(t: TestContext, document: string | null): Promise<BoundClient> {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  if (document !== null) writeFileSync(join(folder, 'billing.yaml'), document)
  const read = await readDesign(join(folder, 'design.yaml'))
  if (!read.ok) throw new Error('no design')
  const { model } = resolveDesign(read.design, read.source)
  if (model === null) throw new Error('no model')
  return { ...(await bindCode(model, read.source)), folder }
}

// biome-ignore lint/suspicious/noExplicitAny: its operations are those of a document
export type AnyClient = any

/** The client of the service at an address, as code gets it. */
export function openClient(t: TestContext, model: Model, url: string): AnyClient {
  const now = () => performance.now()
  const services = openServices({
    services: model.httpServices,
    variables: new Map([['BILLING_URL', url]]),
    sign: null,
    observe: () => {},
    now,
  })
  t.after(() => services?.close())
  const run = { caller: ANONYMOUS, traceId: TRACE, signal: new AbortController().signal, ends: now() + 60_000, refusal: () => null }
  return services?.clientsFor(run).billing
}
