/** Reactions to events, through a backend: what they see, for whom they run, and which changes are events. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, insertRows, type Person } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { until } from './events-world.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into contexts of any shape
type Context = any

interface Seen {
  readonly event: string
  readonly row: Readonly<Record<string, unknown>>
  readonly before: Readonly<Record<string, unknown>> | null
}

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const CLOSED = { read: 'true', create: 'false', update: 'false', delete: 'false' }

function design(seen: Seen[]) {
  const see = ({ event, row, before }: Context): void => void seen.push({ event: event.name, row, before })
  const watched = (entity: string) =>
    Object.fromEntries(['created', 'updated', 'deleted'].map((one) => [`${entity}.${one}`, [{ run: see, as: 'system' }]]))
  return {
    name: 'reacting',
    on: {
      ...watched('Author'),
      ...watched('Note'),
      ...watched('Draft'),
      'Post.created': [
        { call: 'Post.index', as: 'system', when: 'published' },
        { call: 'log', as: 'row.author', input: { text: "'made ' + row.title", by: 'row.author' } },
        { call: 'Author.praise', on: 'row.author', as: 'system' },
        { call: 'elsewhere', as: 'row.author', input: { by: 'row.author' }, onDead: 'hold' },
      ],
      'Post.updated': [
        {
          call: 'log',
          as: 'row.author',
          input: { text: "before.title + ' to ' + row.title", by: 'row.author' },
          when: 'before.title != title',
        },
      ],
    },
    actions: {
      log: {
        allow: 'auth.id == input.by.id',
        input: { text: { type: 'text' }, by: { ref: 'Author' } },
        steps: [{ create: 'Log', set: { text: 'input.text', author: 'auth.id' } }],
      },
      elsewhere: {
        allow: 'true',
        input: { by: { ref: 'Author' } },
        steps: [
          { update: 'Note', where: 'author != input.by', set: { title: "'taken over'" } },
          { create: 'Secret', set: { text: "'x'" } },
        ],
      },
    },
    entities: {
      Author: {
        identity: { login: 'email', password: 'password' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          praised: { type: 'integer', default: 0 },
        },
        access: { ...OPEN, update: 'false' },
        actions: { praise: { steps: [{ update: 'row', set: { praised: 'praised + 1' } }] } },
      },
      Post: {
        fields: {
          title: { type: 'text' },
          published: { type: 'boolean', default: false },
          author: { type: 'ref', entity: 'Author', onDelete: 'cascade' },
          words: { type: 'integer', default: 0 },
        },
        access: OPEN,
        // Nobody but a reaction as system may call it.
        actions: { index: { steps: [{ update: 'row', set: { words: 'size(row.title)' } }] } },
      },
      Note: {
        fields: { title: { type: 'text' }, author: { type: 'ref', entity: 'Author', optional: true, onDelete: 'setNull' } },
        access: OPEN,
      },
      Draft: {
        fields: { title: { type: 'text' }, author: { type: 'ref', entity: 'Author', onDelete: 'cascade' } },
        access: OPEN,
        softDelete: true,
      },
      Log: {
        fields: { text: { type: 'text' }, author: { type: 'ref', entity: 'Author', optional: true, onDelete: 'setNull' } },
        access: { ...CLOSED, create: 'author == auth.id' },
      },
      Secret: { fields: { text: { type: 'text' } }, access: CLOSED },
    },
  }
}

interface World extends TestBackend {
  readonly seen: Seen[]
  readonly ann: Person
  logs(): Promise<readonly string[]>
  /** Waits until the reactions have seen so many events. */
  sees(count: number): Promise<readonly string[]>
}

async function open(t: TestContext): Promise<World> {
  const seen: Seen[] = []
  const world = await testBackend(t, modelFrom(design(seen)))
  const [ann] = await insertPeople(world, 'authors', [{ email: 'ann@example.com', praised: 0 }])
  assert.ok(ann !== undefined)
  await until('the account', () => (seen.length === 1 ? true : null))
  return {
    ...world,
    seen,
    ann,
    logs: async () => (await world.sql('select text from logs order by created_at, text')).map(({ text }) => String(text)),
    sees: (count) =>
      until(`${count} events`, () => (seen.length >= count ? seen.map(({ event, row }) => `${event} ${row.title ?? row.email}`) : null)),
  }
}

test('every change of a row is an event with the row, whichever statement makes it', async (t) => {
  const world = await open(t)
  const made = await world.ask('POST', '/api/notes', { body: { title: 'a', author: world.ann.id } })
  await world.sees(2)
  await world.ask('PATCH', `/api/notes/${made.json.id}`, { body: { title: 'b' } })
  await world.sees(3)
  await world.sql("update notes set title = 'c', version = version + 1")
  await world.sees(4)
  await world.ask('DELETE', `/api/notes/${made.json.id}`)
  assert.deepEqual(await world.sees(5), [
    'Author.created ann@example.com',
    'Note.created a',
    'Note.updated b',
    'Note.updated c',
    'Note.deleted c',
  ])
  assert.deepEqual(
    world.seen.map(({ before }) => before?.title ?? null),
    [null, null, 'a', 'b', null],
  )
  assert.deepEqual(Object.keys(world.seen[0]?.row ?? {}), ['id', 'email', 'praised', 'createdAt', 'updatedAt', 'version'])
  assert.equal(world.seen[2]?.row.version, 2)
})

test('rows that a foreign key deletes or changes are events too', async (t) => {
  const world = await open(t)
  await insertRows(world, 'drafts', [{ title: 'd', author_id: world.ann.id }])
  await insertRows(world, 'notes', [{ title: 'n', author_id: world.ann.id }])
  await world.sees(3)
  await world.sql('delete from authors')
  const events = [...(await world.sees(6))].slice(3).sort()
  assert.deepEqual(events, ['Author.deleted ann@example.com', 'Draft.deleted d', 'Note.updated n'])
})

test('a row that is marked as deleted is deleted, once', async (t) => {
  const world = await open(t)
  const made = await world.ask('POST', '/api/drafts', { body: { title: 'd', author: world.ann.id } })
  await world.ask('DELETE', `/api/drafts/${made.json.id}`)
  await world.sql('delete from drafts')
  assert.deepEqual((await world.sees(3)).slice(1), ['Draft.created d', 'Draft.deleted d'])
  const logged = await world.sql("select happening from plinth.events where entity = 'Draft' order by id")
  assert.deepEqual(
    logged.map(({ happening }) => happening),
    ['created', 'deleted'],
  )
})

test('passwords are not in the log', async (t) => {
  const world = await open(t)
  await world.sees(1)
  const [row] = await world.sql('select after from plinth.events')
  assert.deepEqual(Object.keys(row?.after as object).includes('password'), false)
})

test('a reaction calls an action of the row, of another row, or of the design', async (t) => {
  const world = await open(t)
  const made = await world.ask('POST', '/api/posts', { body: { title: 'four', published: true, author: world.ann.id } })
  assert.equal(made.status, 201)
  await world.ask('POST', '/api/posts', { body: { title: 'draft', author: world.ann.id } })
  await until('the index', async () => {
    const rows = await world.sql('select title, words from posts order by title')
    return rows.some(({ words }) => Number(words) === 4) ? rows : null
  })
  await until('both logs', async () => ((await world.logs()).length === 2 ? true : null))
  assert.deepEqual([...(await world.logs())].sort(), ['made draft', 'made four'])
  await until('the praise', async () => (Number((await world.sql('select praised from authors'))[0]?.praised) === 2 ? true : null))
  const words = await world.sql('select words::int from posts order by title')
  assert.deepEqual(words, [{ words: 0 }, { words: 4 }], 'the condition leaves out the draft')
})

test('a reaction to an update sees the row before it', async (t) => {
  const world = await open(t)
  const made = await world.ask('POST', '/api/posts', { body: { title: 'a', author: world.ann.id } })
  await world.ask('PATCH', `/api/posts/${made.json.id}`, { body: { published: true } })
  await world.ask('PATCH', `/api/posts/${made.json.id}`, { body: { title: 'b' } })
  await until('the change', async () => ((await world.logs()).includes('a to b') ? true : null))
  assert.deepEqual(await world.logs(), ['made a', 'a to b'])
})

test('a reaction has the rights of its account, and no others', async (t) => {
  const world = await open(t)
  await world.ask('POST', '/api/posts', { body: { title: 'a', author: world.ann.id } })
  // The action may change Notes, which are open to all, but not create Secrets: so it does neither.
  await world.ask('POST', '/api/notes', { body: { title: 'of nobody' } })
  const letter = await until('the dead letter', async () => {
    const [row] = await world.sql("select error, attempt, held from plinth.event_waiting where dead and reaction = 'Post call elsewhere'")
    return row ?? null
  })
  assert.deepEqual([letter.attempt, letter.held], [1, true])
  assert.match(String(letter.error), /^forbidden/)
  assert.deepEqual(await world.sql('select count(*)::int as n from secrets'), [{ n: 0 }])
  assert.deepEqual(await world.sql("select count(*)::int as n from notes where title = 'taken over'"), [{ n: 0 }])
})

test('the dead letter of a refused input names the input and the rule, without its value', async (t) => {
  const actions = { log: { input: { text: { type: 'text', max: 5 } }, steps: [{ create: 'Log', set: 'input' }] } }
  const on = { 'Note.created': [{ call: 'log', as: 'system', input: { text: 'row.title' } }] }
  const fields = { text: { type: 'text' } }
  const entities = { Note: { fields: { title: { type: 'text' } }, access: OPEN }, Log: { fields, access: CLOSED } }
  const world = await testBackend(t, modelFrom({ name: 'refusing', actions, on, entities }))
  await world.ask('POST', '/api/notes', { body: { title: 'a long secret' } })
  const letter = await until(
    'the dead letter',
    async () => (await world.sql('select error, attempt from plinth.event_waiting where dead'))[0] ?? null,
  )
  assert.equal(letter.attempt, 1)
  assert.equal(letter.error, 'validation_failed: 1 problem in the request: /text must be at most 5 characters (maxLength)')
})

test('a design without reactions has no tables of events, no connections and no triggers', async (t) => {
  const plain = design([])
  const world = await testBackend(t, modelFrom({ ...plain, on: {} }))
  const tables = await world.sql("select 1 from pg_tables where schemaname = 'plinth' and tablename like 'event%'")
  const triggers = await world.sql("select tgname from pg_trigger where tgname like 'plinth_log%'")
  await world.ask('POST', '/api/notes', { body: { title: 'a' } })
  assert.deepEqual([tables.length, triggers.length], [0, 0])
  assert.deepEqual(world.eventStatements, [])
})

test('fields may have the names that the function of the triggers uses', async (t) => {
  const seen: string[] = []
  const names = ['part', 'depth', 'slot', 'entity', 'happening', 'after', 'part2', 'version2']
  const fields = Object.fromEntries(names.map((name) => [name, { type: 'text', default: name }]))
  const see = ({ event, row }: Context): void => void seen.push(`${event.name} ${names.map((name) => row[name]).join(' ')}`)
  const on = Object.fromEntries(['created', 'updated', 'deleted'].map((one) => [`Note.${one}`, [{ run: see, as: 'system' }]]))
  const world = await testBackend(t, modelFrom({ name: 'named', on, entities: { Note: { fields, access: OPEN } } }))
  const { status, json } = await world.ask('POST', '/api/notes', { body: {} })
  assert.equal(status, 201)
  assert.equal((await world.ask('PATCH', `/api/notes/${json.id}`, { body: { part: 'x' } })).status, 200)
  assert.equal((await world.ask('DELETE', `/api/notes/${json.id}`)).status, 204)
  await until('the events', () => (seen.length === 3 ? true : null))
  const rest = names.slice(1).join(' ')
  assert.deepEqual(seen, [`Note.created part ${rest}`, `Note.updated x ${rest}`, `Note.deleted x ${rest}`])
})
