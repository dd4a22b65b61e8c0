/** Random designs with rows and callers, each served by two backends over one database: reads as columns, and reads as text. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import pg from 'pg'
import type { GraphqlApi } from '../../src/compile/graphql/schema.ts'
import { graphqlSchemas } from '../../src/compile/graphql/schemas.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { ANONYMOUS } from '../../src/model/caller.ts'
import type { Model } from '../../src/model/model.ts'
import { openPlanContext } from '../../src/server/plan/plan-context.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { httpRequestOf as sentOf } from '../../src/verify/expected/abstract-request.ts'
import { referenceOf } from '../../src/verify/expected/reference.ts'
import { newPem } from '../identity/instances.ts'
import type { AuthoredDesign } from '../random/design/authored.ts'
import { randomDesign } from '../random/design/random-design.ts'
import { plantRows, randomRows, readRows, rowId } from '../random/design/random-rows.ts'
import { randomRequest } from '../random/request/random-request.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { randomQuery } from './documents.ts'
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
  /** A random read, of REST or of GraphQL. Those of one shape mostly share a statement. */
  readonly read: (shape: number) => Asking
}

const ROWS_EACH = 24
/** How many reads are queries of GraphQL. */
const QUERIES = 0.45

/** A design with fields of every type. */
export async function typedWorld(t: TestContext, random: Random): Promise<World> {
  const pair = await openPair(t, modelFrom(typedDesign(random)))
  const { model, sql, tokenFor } = pair.columns
  await plantTyped(pair.columns, random, ROWS_EACH)
  const ids = await idsIn({ query: async (text) => ({ rows: await sql(text) }) }, model)
  const people = (ids.get('Person') ?? []).slice(0, 3)
  const users = [null, ...people]
  const tokens = new Map(await Promise.all(users.map(async (user) => [user, user === null ? null : await tokenFor(user)] as const)))
  const apiFor = apisOf(model)
  return {
    ...pair,
    read(shape) {
      const user = random.pick(users)
      const chosen = randomFrom(shape)
      const query = chosen.chance(QUERIES) ? randomQuery({ shape: chosen, values: random, api: apiFor(user), ids }) : null
      return { url: query ?? randomRead({ shape: chosen, values: random, model, ids }), token: tokens.get(user) ?? null }
    },
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
  const ids = await idsIn(client, model)
  await client.end()
  const users = [null, ...[0, 1, 2, 3].map((n) => rowId(0, n))]
  const tokens = new Map<string | null, string | null>([[null, null]])
  for (const user of users) if (user !== null) tokens.set(user, await pair.columns.tokenFor(user))
  const apiFor = apisOf(model)
  return {
    ...pair,
    read(shape) {
      const user = random.pick(users)
      const chosen = randomFrom(shape)
      const query = chosen.chance(QUERIES) ? randomQuery({ shape: chosen, values: random, api: apiFor(user), ids }) : null
      if (query !== null) return { url: query, token: tokens.get(user) ?? null }
      const asker = { random: chosen, reference, sight: reference.sightOf(user), kept: new Set<string>() }
      const request = randomRequest(asker, chosen.chance(0.25) ? 'get' : 'list')
      const { url } = sentOf(model, request.kind === 'list' ? { ...request, count: chosen.chance(0.1) } : request)
      return { url, token: tokens.get(user) ?? null }
    },
  }
}

/** The ids of all rows, by entity. */
async function idsIn(
  client: { readonly query: (text: string) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }> },
  model: Model,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = new Map<string, readonly string[]>()
  for (const { name, table } of model.entities) {
    const { rows } = await client.query(`select id::text from "${table}" order by id`)
    ids.set(
      name,
      rows.map(({ id }) => String(id)),
    )
  }
  return ids
}

/** The GraphQL schemas of users, as far as the id decides. Another claim may hide a name, and its query is then refused in both forms. */
function apisOf(model: Model): (user: string | null) => GraphqlApi {
  const { viewFor } = openPlanContext(model)
  const { forVariant } = graphqlSchemas(model)
  return (user) => {
    const claims = new Map(model.claims.map(({ name }) => [name, name === 'id' ? user : null]))
    return forVariant(viewFor(user === null ? ANONYMOUS : { claims, session: user }))
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
