/** REST and GraphQL share one plan: for every request, both give the same rows or the same refusal. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { enumNames } from '../../src/compile/graphql/names.ts'
import type { Answered } from '../support/backend.ts'
import { openField } from '../support/hostile-design.ts'
import { SEEDED } from '../support/random.ts'

const RUNS = Number(process.env.GRAPHQL_RUNS ?? 250)
const KINDS = enumNames(['red', 'green', 'a,b', "it's"])

/** Values for conditions: valid, invalid, and of another type. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  word: ['word 1', 'word', '', 'x,y', "it's", 'wör%_\\'],
  whole: [1, 3, -7, 2 ** 53, 1.5],
  cents: ['1.50', '1e3', '007', 'x'],
  ratio: [0.5, -1e300],
  yes: [true, false],
  at: ['2026-01-01T00:00:00Z', 'yesterday'],
  day: ['2026-02-29', '2024-02-29'],
  hour: ['12:00', '25:00'],
  span: ['PT1H', '1 hour'],
  ref8: ['01900000-0000-7000-8000-0000000000a1', 'no uuid'],
  kind: ['red', 'a,b', "it's", 'purple'],
  hidden: ['hidden 2', 'hidden 3'],
  twice: [2, 4, 18],
  words: ['a', 'z'],
  numbers: [1],
  owner: ['01900000-0000-7000-8000-0000000000a1', '01900000-0000-7000-8000-0000000000a9'],
  nothing: ['x'],
}
const OPS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'contains', 'startsWith', 'endsWith', 'isNull'] as const

const condition = fc
  .constantFrom(...Object.keys(VALUES))
  .chain((name) =>
    fc.record({ name: fc.constant(name), op: fc.constantFrom(...OPS, 'eq', 'eq', 'eq'), value: fc.constantFrom(...(VALUES[name] ?? [])) }),
  )

/** In REST a comma separates the items of `in`, so an item cannot contain a comma. */
const isSayable = ({ op, value }: { readonly op: string; readonly value: unknown }) =>
  !(op === 'in' || op === 'nin') || !String(value).includes(',')

const asked = fc.record({
  caller: fc.constantFrom('nobody' as const, 'user' as const, 'admin' as const),
  conditions: fc.uniqueArray(condition.filter(isSayable), { maxLength: 3, selector: (c) => `${c.name}.${c.op}` }),
  sort: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('word', 'whole', 'hidden', 'createdAt', 'words', 'extra', 'id', 'nothing'),
      descending: fc.boolean(),
    }),
    { maxLength: 2, selector: (s) => s.name },
  ),
  size: fc.constantFrom(1, 5, 20, 0, 101),
  count: fc.boolean(),
  owner: fc.boolean(),
  pages: fc.boolean(),
})
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never

const isNullOf = (value: unknown) => value === true || value === 'red'
const graphqlName = (name: string) => (name === 'owner' ? 'ownerId' : name)

function restUrl({ conditions, sort, size, count, owner }: Asked, after: string | null): string {
  const parameters = conditions.map(({ name, op, value }): [string, string] => {
    const path = name === 'owner' ? 'owner' : name
    return [`filter[${path}][${op}]`, op === 'isNull' ? String(isNullOf(value)) : String(value)]
  })
  if (sort.length > 0) parameters.push(['sort', sort.map((s) => `${s.descending ? '-' : ''}${s.name}`).join()])
  if (count) parameters.push(['count', 'true'])
  if (owner) parameters.push(['include', 'owner'])
  if (after !== null) parameters.push(['page[after]', after])
  return `/api/things?${new URLSearchParams([...parameters, ['page[size]', String(size)]])}`
}

function document({ conditions, sort, count, owner, size }: Asked, fields: readonly string[], after: string | null) {
  const filter: Record<string, Record<string, unknown>> = {}
  for (const { name, op, value } of conditions) {
    const sent = name === 'kind' ? (KINDS.get(String(value)) ?? value) : value
    const key = graphqlName(name)
    filter[key] = { ...filter[key], [op]: op === 'isNull' ? isNullOf(value) : op === 'in' || op === 'nin' ? [sent] : sent }
  }
  const orderBy = sort.map((s) => ({ [s.name]: s.descending ? 'DESC' : 'ASC' }))
  const row = [...fields.filter((f) => !(owner && f === 'ownerId')), ...(owner ? ['owner { id name }'] : [])].join(' ')
  const query = `query ($filter: ThingFilter, $orderBy: [ThingOrderBy!], $size: Int, $after: String) { things(filter: $filter, orderBy: $orderBy, first: $size, after: $after) { nodes { ${row} } pageInfo { hasNextPage endCursor } ${count ? 'totalCount' : ''} } }`
  return { query, variables: { filter, orderBy, size, after } }
}

/** A row of REST with the names of GraphQL. */
function inGraphql(row: Readonly<Record<string, unknown>>, { owner }: Asked): Record<string, unknown> {
  const same = Object.entries(row).map(([name, value]): [string, unknown] => {
    if (name === 'kind') return [name, value === null ? null : KINDS.get(String(value))]
    if (name === 'parent') return ['parentId', value]
    if (name !== 'owner') return [name, value]
    const person = value as { id: string; name: string } | null
    return owner ? ['owner', person === null ? null : { id: person.id, name: person.name }] : ['ownerId', value]
  })
  return Object.fromEntries(same)
}

/** Codes of one refusal in both APIs: GraphQL's own validation finds wrong names and types before the database reads rows. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  unknown_name: ['validation_failed', 'invalid_document'],
  invalid_parameter: ['validation_failed', 'invalid_parameter'],
  index_required: ['index_required'],
  validation_failed: ['validation_failed', 'invalid_document'],
}

function assertSameRefusal(rest: Answered, graphql: Answered, what: string): void {
  assert.ok(rest.status >= 400, `${what}\nGraphQL: ${graphql.text}\nREST: ${rest.text.slice(0, 500)}`)
  const code = graphql.json.errors[0].extensions.code
  assert.ok([rest.json.code, ...(SAME[rest.json.code] ?? [])].includes(code), `${what}\nGraphQL: ${graphql.text}\nREST: ${rest.text}`)
}

test('random lists: the same rows, pages, counts and refusals in both APIs', async (t) => {
  const field = await openField(t)
  const tokens = await field.replant()
  const send = (body: unknown, token: string | undefined) =>
    field.backend.ask('POST', '/graphql', {
      headers: { accept: 'application/graphql-response+json' },
      body,
      ...(token === undefined ? {} : { token }),
    })
  const tally = { rows: 0, refusals: 0 }
  const fieldsOf = async (token: string | undefined): Promise<readonly string[]> => {
    const answer = await send({ query: '{ __type(name: "Thing") { fields { name type { kind ofType { kind } } } } }' }, token)
    return answer.json.data.__type.fields
      .filter(
        (f: { name: string; type: { kind: string; ofType: { kind: string } | null } }) =>
          f.name !== 'nodeId' && f.type.kind !== 'OBJECT' && f.type.ofType?.kind !== 'OBJECT',
      )
      .map((f: { name: string }) => f.name)
  }
  const fields = { nobody: await fieldsOf(undefined), user: await fieldsOf(tokens.user), admin: await fieldsOf(tokens.admin) }
  await fc.assert(
    fc.asyncProperty(asked, async (ask) => {
      const token = tokens[ask.caller]
      const credentials = token === undefined ? {} : { token }
      let after: string | null = null
      for (let page = 0; page < (ask.pages ? 4 : 1); page++) {
        const rest: Answered = await field.backend.ask('GET', restUrl(ask, after), credentials)
        const body = document(ask, fields[ask.caller], after)
        const graphql = await send(body, token)
        if (rest.status !== 200 && ask.size === 0) return
        if (graphql.json.data === undefined) {
          tally.refusals++
          return assertSameRefusal(rest, graphql, JSON.stringify(body))
        }
        assert.equal(rest.status, 200, `${JSON.stringify(body)}\nGraphQL: ${graphql.text.slice(0, 300)}\nREST: ${rest.text}`)
        const { nodes, pageInfo, totalCount } = graphql.json.data.things
        assert.deepEqual(
          nodes,
          rest.json.data.map((row: Record<string, unknown>) => inGraphql(row, ask)),
        )
        assert.equal(pageInfo.hasNextPage, rest.json.page.next !== null)
        assert.equal(totalCount, rest.json.page.count)
        tally.rows += nodes.length
        after = rest.json.page.next
        if (after === null) return
      }
    }),
    { numRuns: RUNS, ...SEEDED },
  )
  assert.deepEqual(field.defects, [])
  assert.ok(tally.rows > RUNS / 2 && tally.refusals > RUNS / 10, JSON.stringify(tally))
})

/** Mostly valid values, because one invalid value causes a refusal. */
const mostly = (good: readonly unknown[], bad: readonly unknown[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) })

const body = fc.record(
  {
    word: mostly(['w', "it's"], ['', 5, 'x'.repeat(101), 'nul\u0000']),
    mail: mostly(['a@b.co', null], ['nonsense']),
    whole: mostly([1, 499_999], [-5, -5000, 600_000, 'x', 2 ** 60]),
    cents: mostly(['1.50', 2.25], ['1.555', 'NaN']),
    at: mostly(['2026-01-01T00:00:00Z'], ['never']),
    extra: mostly([{ a: [1, { b: null }] }, [], 'text', null], ['nul\u0000']),
    kind: mostly(['red', 'green'], ['purple']),
    words: mostly([['a', 'b'], []], [['x'.repeat(41)], ['a', 1]]),
    yes: fc.boolean(),
    parent: mostly([null, '01900000-0000-7000-8000-000000000012'], ['01900000-0000-7000-8000-0000000000ff', 'x']),
    nothing: fc.constant<unknown>(undefined),
  },
  { requiredKeys: ['word'] },
)

test('random writes: accepted by both APIs or refused by both, for the same reason', async (t) => {
  const field = await openField(t)
  const tokens = await field.replant()
  const tally = { written: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('user' as const, 'admin' as const), async (sent, caller) => {
      const token = tokens[caller] ?? ''
      const rest = await field.backend.ask('POST', '/api/things', { token, body: sent })
      const query = 'mutation ($input: CreateThingInput!) { createThing(input: $input) { id thing { word kind cents extra words } } }'
      const graphql = await field.backend.ask('POST', '/graphql', {
        token,
        headers: { accept: 'application/graphql-response+json' },
        body: { query, variables: { input: sent } },
      })
      const created = graphql.json.data?.createThing ?? null
      if (created === null) {
        tally.refused++
        assertSameRefusal(rest, graphql, JSON.stringify(sent))
        return
      }
      tally.written++
      assert.equal(rest.status, 201, `${JSON.stringify(sent)} ${rest.text}`)
      const { word, kind, cents, extra, words } = rest.json
      assert.deepEqual(created.thing, { word, kind: kind === null ? null : KINDS.get(kind), cents, extra, words })
    }),
    { numRuns: RUNS, ...SEEDED },
  )
  assert.deepEqual(field.defects, [])
  assert.ok(tally.written > RUNS / 50 && tally.refused > RUNS / 10, JSON.stringify(tally))
})

test('related rows at any depth are the same as with `include` in REST', async (t) => {
  const field = await openField(t)
  const tokens = await field.replant()
  await field.backend.sql(
    "update things set parent_id = ('01900000-0000-7000-8000-0000000000' || to_char(1 + (right(id::text, 2)::int % 5), 'FM00'))::uuid, deleted_at = case when right(id::text, 2)::int % 11 = 0 then now() end",
  )
  const fieldsOf = { nobody: 'id word', user: 'id word hidden', admin: 'id word hidden' }
  for (const caller of ['nobody', 'user', 'admin'] as const) {
    const token = tokens[caller]
    const credentials = token === undefined ? {} : { token }
    const fields = fieldsOf[caller]
    const names = fields.replaceAll(' ', ',')
    const include = 'include=children.owner,owner.things,parent'
    const fieldsets = `fields=${names}&fields[children]=${names}&fields[owner.things]=${names}&fields[parent]=${names}&fields[owner]=name&fields[children.owner]=name`
    const rest = await field.backend.ask('GET', `/api/things?${include}&${fieldsets}&page[size]=4`, credentials)
    assert.equal(rest.status, 200, rest.text)
    const query = `{ things(first: 4) { nodes { ${fields} parent { ${fields} } owner { name things(first: 100) { nodes { ${fields} } } } children(first: 100) { nodes { ${fields} owner { name } } } } } }`
    const graphql = await field.backend.ask('POST', '/graphql', { ...credentials, body: { query } })
    assert.ok(graphql.json.data !== undefined, graphql.text)
    type Row = { owner: { things: { nodes: unknown } } | null; children: { nodes: unknown } }
    const flat = graphql.json.data.things.nodes.map((row: Row) => ({
      ...row,
      owner: row.owner === null ? null : { ...row.owner, things: row.owner.things.nodes },
      children: row.children.nodes,
    }))
    assert.deepEqual(flat, rest.json.data, caller)
    assert.ok(flat.some((row: { children: readonly unknown[] }) => row.children.length > 1))
  }
})
