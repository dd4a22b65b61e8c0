/** Random designs with rows and callers, each served by two backends over one database: reads as columns, and reads as text. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { newPem } from '../identity/instances.ts'
import type { AuthoredDesign } from '../random/design/authored.ts'
import { randomDesign } from '../random/design/random-design.ts'
import { plantRows, randomRows, readRows, rowId } from '../random/design/random-rows.ts'
import { referenceOf } from '../random/reference/reference.ts'
import { sentOf } from '../random/request/abstract-request.ts'
import { randomRequest } from '../random/request/random-request.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { randomRead } from './requests.ts'
import { plantTyped, typedDesign } from './typed-design.ts'

/** A read, and the token of its caller; null for an anonymous caller. */
export interface Asking {
  readonly url: string
  readonly token: string | null
}

export interface World {
  readonly columns: TestBackend
  readonly text: TestBackend
  /** The address of the server that answers with columns, without the interface of tests between. */
  readonly address: string
  /** A random read. Those of one shape mostly share a statement. */
  readonly read: (shape: number) => Asking
}

const ROWS_EACH = 24

/** A design with fields of every type. */
export async function typedWorld(t: TestContext, random: Random): Promise<World> {
  const pair = await openPair(t, modelFrom(typedDesign(random)))
  const { model, sql, tokenFor } = pair.columns
  await plantTyped(pair.columns, random, ROWS_EACH)
  const ids = new Map<string, readonly string[]>()
  for (const { name, table } of model.entities) {
    const rows = await sql(`select id::text from "${table}" order by id`)
    ids.set(
      name,
      rows.map(({ id }) => String(id)),
    )
  }
  const people = (ids.get('Person') ?? []).slice(0, 3)
  const tokens = [null, ...(await Promise.all(people.map(tokenFor)))]
  return {
    ...pair,
    read: (shape) => ({ url: randomRead({ shape: randomFrom(shape), values: random, model, ids }), token: random.pick(tokens) }),
  }
}

/** A design with access rules of many shapes. */
export async function ruledWorld(t: TestContext, random: Random): Promise<World> {
  const { design, model } = usableDesign(random)
  const pair = await openPair(t, model)
  const client = new pg.Client({ connectionString: pair.columns.databaseUrl })
  client.on('error', () => {})
  await client.connect()
  await plantRows(client, model, randomRows(random, model, ROWS_EACH))
  const reference = referenceOf(design, model, await readRows(client, model))
  await client.end()
  const users = [null, ...[0, 1, 2, 3].map((n) => rowId(0, n))]
  const tokens = new Map<string | null, string | null>([[null, null]])
  for (const user of users) if (user !== null) tokens.set(user, await pair.columns.tokenFor(user))
  return {
    ...pair,
    read(shape) {
      const user = random.pick(users)
      const chosen = randomFrom(shape)
      const asker = { random: chosen, reference, sight: reference.sightOf(user), kept: new Set<string>() }
      const request = randomRequest(asker, chosen.chance(0.25) ? 'get' : 'list')
      const { url } = sentOf(model, request.kind === 'list' ? { ...request, count: chosen.chance(0.1) } : request)
      return { url, token: tokens.get(user) ?? null }
    },
  }
}

/** The next valid random design. Some random designs are invalid. */
function usableDesign(random: Random): { readonly design: AuthoredDesign; readonly model: Model } {
  for (;;) {
    const design = randomDesign(random)
    const { model } = resolveDesign(design, NO_SOURCE)
    if (model !== null) return { design, model }
  }
}

async function openPair(t: TestContext, model: Model): Promise<Omit<World, 'read'>> {
  const keys = readKeys('AUTH_KEYS', newPem())
  const columns = await testBackend(t, model, { keys })
  const text = await testBackend(t, model, { keys, databaseUrl: columns.databaseUrl, columns: false })
  const server = createServer((request, response) => columns.backend.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { columns, text, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
