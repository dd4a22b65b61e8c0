/** Acyclic references: no row becomes its own ancestor, through any API and with concurrent moves. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { RUN_SEED, randomFrom } from '../support/random.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const PARENT = { type: 'ref', entity: 'Part', inverse: 'parts', optional: true, acyclic: true, onDelete: 'setNull' }
const NAME = { type: 'text', max: 20 }
/** The number of pairs of opposite moves: 1,000 in a full run. */
const ROUNDS = Number(process.env.ACYCLIC_ROUNDS ?? 300)

const backendOf = (t: TestContext, entity: object = {}): Promise<TestBackend> =>
  testBackend(t, modelFrom({ name: 'trees', entities: { Part: { access: OPEN, fields: { name: NAME, parent: PARENT }, ...entity } } }))

/** Makes a chain: each row is the parent of the next. Returns the ids, the root first. */
async function chain({ ask }: TestBackend, length: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let i = 0; i < length; i++) {
    const { json } = await ask('POST', '/api/parts', { body: { name: `p${i}`, ...(i === 0 ? {} : { parent: ids[i - 1] }) } })
    ids.push(json.id)
  }
  return ids
}

const CIRCLES = `with recursive up(start, id, depth) as (
  select id, parent_id, 1 from parts where parent_id is not null
  union all select up.start, p.parent_id, up.depth + 1 from up join parts p on p.id = up.id where p.parent_id is not null and up.depth < 100
) select count(*)::integer as circles from up where id = start`

async function circlesIn({ sql }: TestBackend): Promise<unknown> {
  return (await sql(CIRCLES))[0]?.circles
}

function refused({ status, json }: Answered): void {
  assert.deepEqual(
    [status, json.code, json.errors],
    [409, 'circular_reference', [{ pointer: '/parent', rule: 'acyclic', message: 'would make this row its own ancestor' }]],
  )
}

test('moving a row below itself, its child or its grandchild is refused; every other move succeeds', async (t) => {
  const backend = await backendOf(t)
  const { ask } = backend
  const [root = '', child = '', grandchild = ''] = await chain(backend, 3)
  const move = (id: string, parent: string | null) => ask('PATCH', `/api/parts/${id}`, { body: { parent } })
  for (const below of [root, child, grandchild]) refused(await move(root, below))
  refused(await move(child, grandchild))
  refused(await ask('PUT', `/api/parts/${root}`, { body: { name: 'root', parent: grandchild } }))
  assert.equal((await ask('PUT', `/api/parts/${child}`, { body: { name: 'same', parent: root } })).status, 200)
  assert.equal((await move(grandchild, root)).status, 200)
  assert.equal((await move(child, grandchild)).status, 200)
  assert.equal((await move(child, null)).status, 200)
  assert.equal((await move(root, child)).status, 200)
  assert.equal(await circlesIn(backend), 0)
})

test('a move that is refused for another reason reports that reason: a rule, a version, a hidden row', async (t) => {
  const access = { ...OPEN, read: 'name != "hidden"', update: { from: 'name != "fixed"', to: 'name != "never"' } }
  const backend = await backendOf(t, { access })
  const { ask, sql } = backend
  const [root = '', child = ''] = await chain(backend, 2)
  const move = (body: object, headers = {}) => ask('PATCH', `/api/parts/${root}`, { body: { parent: child, ...body }, headers })
  assert.equal((await move({ name: 'never' })).status, 403)
  assert.equal((await move({}, { 'if-match': '"7"' })).status, 412)
  refused(await move({}))
  await sql("update parts set name = 'hidden' where id = $1", [child])
  assert.equal((await move({})).json.errors[0].rule, 'reference')
})

test('a create cannot make a cycle: alone, in bulk, nested, or with a chosen id', async (t) => {
  const fields = { id: { type: 'text', max: 20 }, name: NAME, parent: PARENT }
  const backend = await backendOf(t, { fields })
  const { ask } = backend
  const create = (body: unknown) => ask('POST', '/api/parts', { body })
  assert.equal((await create({ id: 'a', name: 'a', parent: 'a' })).status, 400)
  const pair = [
    { id: 'b', name: 'b', parent: 'c' },
    { id: 'c', name: 'c', parent: 'b' },
  ]
  assert.equal((await create(pair)).status, 400)
  assert.equal((await create({ id: 'd', name: 'd', parts: [{ id: 'd', name: 'd' }] })).json.errors[0].rule, 'acyclic')
  assert.equal((await create({ id: 'e', name: 'e', parts: [{ id: 'f', name: 'f' }] })).status, 201)
  assert.equal(await circlesIn(backend), 0)
  await assert.rejects(backend.sql("insert into parts (id, name, parent_id) values ('g', 'g', 'g')"), /acyclic_check/)
})

test('a transaction, an upsert and a GraphQL mutation are refused in the same way; earlier writes of the transaction count', async (t) => {
  const backend = await backendOf(t, { fields: { name: { ...NAME, unique: true }, parent: PARENT } })
  const { ask } = backend
  const [root = '', child = ''] = await chain(backend, 2)
  const transaction = (...operations: object[]) => ask('POST', '/api/transaction', { body: { operations } })
  const patch = (id: string, parent: string | null) => ({ method: 'PATCH', path: `/api/parts/${id}`, body: { parent } })
  const both = await transaction(patch(child, null), patch(root, child), patch(child, root))
  assert.deepEqual([both.status, both.json.code, both.json.operation], [409, 'circular_reference', 2])
  assert.equal((await transaction(patch(child, null), patch(root, child))).status, 200)
  const graph = async (query: string) => (await ask('POST', '/graphql', { body: { query } })).json
  const update = await graph(`mutation { updatePart(id: "${child}", input: { parent: "${root}" }) { id } }`)
  assert.equal(update.errors[0].extensions.code, 'circular_reference')
  const upsert = await graph(
    `mutation { upsertPart(where: { name: "p1" }, create: { name: "p1" }, update: { parent: "${root}" }) { part { id } } }`,
  )
  assert.equal(upsert.errors[0].extensions.code, 'circular_reference')
  assert.equal(await circlesIn(backend), 0)
})

test(`two opposite moves at once, ${ROUNDS} rounds over two instances: never a cycle, and one of them succeeds`, async (t) => {
  const backend = await backendOf(t)
  const other = await testBackend(t, backend.model, { databaseUrl: backend.databaseUrl })
  const [a, b] = [(await chain(backend, 1))[0] ?? '', (await chain(backend, 1))[0] ?? '']
  const move = ({ ask }: TestBackend, id: string, parent: string | null) => ask('PATCH', `/api/parts/${id}`, { body: { parent } })
  for (let round = 0; round < ROUNDS; round++) {
    const statuses = (await Promise.all([move(backend, a, b), move(other, b, a)])).map(({ status }) => status)
    assert.deepEqual(statuses.toSorted(), [200, 409], `round ${round}`)
    const [row] = await backend.sql('update parts set parent_id = null where parent_id is not null returning id')
    assert.equal(row?.id, statuses[0] === 200 ? a : b)
  }
})

test(`random moves of eight rows by sixteen callers, some in transactions: never a cycle, and no internal error (SEED=${RUN_SEED})`, async (t) => {
  const random = randomFrom(RUN_SEED)
  const backend = await backendOf(t)
  const other = await testBackend(t, backend.model, { databaseUrl: backend.databaseUrl })
  const ids = await chain(backend, 8)
  const any = () => random.pick(ids)
  const patch = () => ({ method: 'PATCH', path: `/api/parts/${any()}`, body: { parent: random.chance(0.2) ? null : any() } })
  const counts = new Map<number, number>()
  for (let round = 0; round < 20; round++) {
    const all = await Promise.all(
      Array.from({ length: 16 }, (_, i) => {
        const { ask } = i % 2 === 0 ? backend : other
        const { method, path, body } = patch()
        return i % 4 === 0 ? ask('POST', '/api/transaction', { body: { operations: [patch(), patch()] } }) : ask(method, path, { body })
      }),
    )
    for (const { status } of all) counts.set(status, (counts.get(status) ?? 0) + 1)
    assert.equal(await circlesIn(backend), 0, `round ${round}`)
  }
  assert.deepEqual(
    [...counts.keys()].filter((status) => status !== 200 && status !== 409),
    [],
  )
})

test('a cycle that is already in the database does not loop forever', async (t) => {
  const backend = await backendOf(t)
  const [root = '', child = '', third = ''] = await chain(backend, 3)
  await backend.sql('update parts set parent_id = $1 where id = $2', [child, root])
  assert.equal((await backend.ask('PATCH', `/api/parts/${third}`, { body: { parent: root } })).status, 200)
  assert.equal((await backend.ask('PATCH', `/api/parts/${root}`, { body: { parent: null } })).status, 200)
  assert.equal(await circlesIn(backend), 0)
})

test('an update that does not send the reference takes no lock and stays one statement', async (t) => {
  const backend = await backendOf(t)
  const [root = ''] = await chain(backend, 1)
  backend.statements.length = 0
  await backend.ask('PATCH', `/api/parts/${root}`, { body: { name: 'new' } })
  assert.deepEqual(
    backend.statements.filter(({ name }) => name.startsWith('lock')),
    [],
  )
  await backend.ask('PATCH', `/api/parts/${root}`, { body: { parent: null } })
  assert.equal(backend.statements.filter(({ name }) => name === 'lock the trees of Part').length, 1)
})
