/** When a row loses a reference because the referenced row is deleted, its version and `updatedAt` change. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { migrateTo, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const DESIGN = {
  name: 'desks',
  entities: {
    Firm: { fields: { name: { type: 'text' } }, access: OPEN },
    Person: {
      fields: {
        name: { type: 'text' },
        firm: { type: 'ref', entity: 'Firm', inverse: 'people', optional: true, onDelete: 'cascade' },
      },
      access: OPEN,
    },
    Desk: {
      fields: {
        label: { type: 'text' },
        letters: { type: 'computed', expression: 'size(label)' },
        owner: { type: 'ref', entity: 'Person', inverse: 'desks', optional: true, onDelete: 'setNull' },
        deputy: { type: 'ref', entity: 'Person', inverse: 'deputyDesks', optional: true, onDelete: 'setNull' },
      },
      access: OPEN,
    },
  },
}

const OLD = '2020-01-01T00:00:00.000Z'

async function idOf({ ask }: TestBackend, path: string, body: unknown): Promise<string> {
  const { status, json, text } = await ask('POST', path, { body })
  assert.equal(status, 201, text)
  return json.id
}

interface Desks {
  readonly backend: TestBackend
  readonly firm: string
  readonly ann: string
  readonly bob: string
  readonly desk: string
}

async function desks(t: TestContext): Promise<Desks> {
  const backend = await testBackend(t, modelFrom(DESIGN))
  const firm = await idOf(backend, '/api/firms', { name: 'F' })
  const ann = await idOf(backend, '/api/persons', { name: 'Ann', firm })
  const bob = await idOf(backend, '/api/persons', { name: 'Bob' })
  const desk = await idOf(backend, '/api/desks', { label: 'one', owner: ann, deputy: bob })
  await backend.sql('alter table desks disable trigger user')
  await backend.sql('update desks set updated_at = $1', [OLD])
  await backend.sql('alter table desks enable trigger user')
  return { backend, firm, ann, bob, desk }
}

async function stateOf({ backend, desk }: Desks) {
  const { json, headers } = await backend.ask('GET', `/api/desks/${desk}`)
  return {
    owner: json.owner,
    deputy: json.deputy,
    version: json.version,
    etag: String(headers.etag).slice(1, 2),
    isOld: json.updatedAt === OLD,
    size: json.letters,
  }
}

test('a delete by the API raises version and updatedAt of the rows that lose their reference, and an old ETag no longer matches', async (t) => {
  const world = await desks(t)
  const { backend, ann, bob, desk } = world
  assert.equal((await backend.ask('DELETE', `/api/persons/${ann}`)).status, 204)
  assert.deepEqual(await stateOf(world), { owner: null, deputy: bob, version: 2, etag: '2', isOld: false, size: 3 })
  const stale = await backend.ask('PATCH', `/api/desks/${desk}`, { body: { label: 'two' }, headers: { 'if-match': '"1"' } })
  assert.equal(stale.status, 412)
})

test('a delete that reaches the row through a cascade raises its version too', async (t) => {
  const world = await desks(t)
  assert.equal((await world.backend.ask('DELETE', `/api/firms/${world.firm}`)).status, 204)
  assert.deepEqual(await stateOf(world), { owner: null, deputy: world.bob, version: 2, etag: '2', isOld: false, size: 3 })
})

test('a delete by plain SQL raises the version, for each lost reference', async (t) => {
  const world = await desks(t)
  await world.backend.sql('delete from persons')
  assert.deepEqual(await stateOf(world), { owner: null, deputy: null, version: 3, etag: '3', isOld: false, size: 3 })
})

test('merged deletes raise the version too', async (t) => {
  const world = await desks(t)
  const { ask } = world.backend
  const deletes = await Promise.all([world.ann, world.bob].map((id) => ask('DELETE', `/api/persons/${id}`)))
  assert.deepEqual(
    deletes.map(({ status }) => status),
    [204, 204],
  )
  assert.deepEqual(await stateOf(world), { owner: null, deputy: null, version: 3, etag: '3', isOld: false, size: 3 })
})

test('a change that a caller makes raises the version once, also when it removes the reference', async (t) => {
  const world = await desks(t)
  const { ask } = world.backend
  const { json } = await ask('PATCH', `/api/desks/${world.desk}`, { body: { owner: null } })
  assert.deepEqual([json.owner, json.version], [null, 2])
  assert.equal((await ask('DELETE', `/api/persons/${world.bob}`)).status, 204)
  assert.equal((await stateOf(world)).version, 3)
})

test('the trigger follows the design: new and renamed references, and none when there are none', async (t) => {
  const world = await desks(t)
  const { backend } = world
  const triggers = () => backend.sql("select tgname::text as name from pg_trigger where not tgisinternal and tgrelid = 'desks'::regclass")
  const { owner, deputy, ...others } = DESIGN.entities.Desk.fields
  const withFields = (fields: object) =>
    modelFrom({ ...DESIGN, entities: { ...DESIGN.entities, Desk: { ...DESIGN.entities.Desk, fields } } })
  await migrateTo(
    withFields({ ...others, holder: { ...owner, was: 'owner' }, deputy: { ...deputy, onDelete: 'restrict' } }),
    backend.databaseUrl,
  )
  await backend.sql('delete from persons where id = $1', [world.ann])
  const [row] = await backend.sql('select holder_id, version from desks')
  assert.deepEqual([row?.holder_id, Number(row?.version), (await triggers()).length], [null, 2, 1])
  await migrateTo(
    withFields({ ...others, holder: { ...owner, onDelete: 'restrict' }, deputy: { ...deputy, onDelete: 'restrict' } }),
    backend.databaseUrl,
  )
  assert.deepEqual(await triggers(), [])
})
