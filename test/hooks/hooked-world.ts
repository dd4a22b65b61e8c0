/** A backend whose hooks do what a test says, and every way to write a row of it. */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import pg from 'pg'
import type { HookMoment } from '../../src/model/model.ts'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

/** The context of a hook, as far as tests use it. */
// biome-ignore lint/suspicious/noExplicitAny: the hooks of these tests are made at run time, so their context has no types
export type Context = any
type Behaviour = (context: Context) => unknown

export const MOMENTS: readonly HookMoment[] = ['beforeCreate', 'afterCreate', 'beforeUpdate', 'afterUpdate', 'beforeDelete', 'afterDelete']

/** What the hooks of an entity do, by their moment; others do nothing. */
export type Script = Partial<Record<HookMoment, Behaviour>>

export interface HookedWorld extends TestBackend {
  readonly token: string
  /** The id of a board with a note; both exist from the beginning. */
  readonly board: string
  readonly note: string
  readonly account: string
  /** The hooks that have run since the script was set, with what they got. */
  readonly ran: { readonly moment: HookMoment; readonly context: Context }[]
  /** Sets what the hooks of Note and Account do. */
  setScript(script: Script): void
}

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

function designWith(hooks: object): object {
  return {
    name: 'hooked',
    entities: {
      Account: {
        identity: { login: 'email', password: 'password' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          title: { type: 'text', optional: true },
          slug: { type: 'text', optional: true, write: 'false' },
        },
        access: OPEN,
        hooks,
      },
      Board: { fields: { name: { type: 'text' } }, access: OPEN },
      Note: {
        fields: {
          title: { type: 'text', max: 40, unique: true },
          slug: { type: 'text', max: 40, optional: true, write: 'false' },
          likes: { type: 'integer', default: 0 },
          state: { type: 'choice', values: ['draft', 'shown'], default: 'draft' },
          board: { type: 'ref', entity: 'Board', optional: true, inverse: 'notes' },
        },
        access: OPEN,
        hooks,
        actions: {
          rename: {
            allow: 'true',
            input: { title: 'Note.title' },
            steps: [{ update: 'row', set: 'input' }],
            answer: { id: 'row.id', slug: 'row.slug' },
          },
          renameCoded: {
            allow: 'true',
            input: { title: 'Note.title' },
            run: ({ db, row, input }: Context) => db.Note.update(row.id, { title: input.title }).then(() => undefined),
          },
          remove: { allow: 'true', steps: [{ delete: 'row' }] },
          renameByCall: {
            allow: 'true',
            input: { title: 'Note.title' },
            steps: [{ call: 'Note.rename', on: 'row', input: { title: 'input.title' } }],
          },
        },
      },
      Log: { fields: { text: { type: 'text' } }, access: { read: 'true', create: 'false', update: 'false', delete: 'false' } },
    },
    workflows: {
      showing: { entity: 'Note', field: 'state', transitions: { show: { from: 'draft', to: 'shown', allow: 'true' } } },
    },
    actions: {
      note: {
        allow: 'true',
        input: { title: 'Note.title' },
        steps: [{ create: 'Note', set: 'input', as: 'note' }],
        answer: { id: 'note.id' },
      },
      ensured: {
        allow: 'true',
        input: { title: 'Note.title' },
        steps: [{ ensure: 'Note', set: 'input', existing: { likes: 'likes + 1' }, as: 'note' }],
        answer: { id: 'note.id' },
      },
      renameAll: {
        allow: 'true',
        input: { title: 'Note.title' },
        steps: [{ update: 'Note', where: 'title == "old"', set: 'input', as: 'changed' }],
        answer: { changed: 'size(changed)' },
      },
      noteEach: {
        allow: 'true',
        input: { titles: { type: 'list', of: { type: 'text', max: 40 } } },
        steps: [{ create: 'Note', each: 'title in input.titles', set: { title: 'title' }, as: 'made' }],
        answer: { titles: 'made.map(m, m.title)', made: 'size(made)' },
      },
      ensureEach: {
        allow: 'true',
        input: { titles: { type: 'list', of: { type: 'text', max: 40 } } },
        steps: [{ ensure: 'Note', each: 'title in input.titles', set: { title: 'title' }, existing: { likes: 'likes + 1' } }],
      },
      keepEach: {
        allow: 'true',
        input: { titles: { type: 'list', of: { type: 'text', max: 40 } } },
        steps: [{ ensure: 'Note', each: 'title in input.titles', set: { title: 'title' }, as: 'made' }],
        answer: { titles: 'made.map(m, m.title)' },
      },
      likeEach: {
        allow: 'true',
        input: { amounts: { type: 'list', of: { type: 'integer' } }, note: { ref: 'Note' } },
        steps: [{ update: 'input.note', each: 'n in input.amounts', set: { likes: 'likes + n' } }],
        answer: { likes: 'input.note.likes' },
      },
      ensureOldEach: {
        allow: 'true',
        input: { titles: { type: 'list', of: { type: 'text', max: 40 } } },
        steps: [{ ensure: 'Note', each: 'given in input.titles', set: { title: '"old"' }, existing: { title: 'given' } }],
      },
      likeAll: {
        as: 'system',
        allow: 'true',
        steps: [{ update: 'Note', where: 'likes < 90', set: { likes: 'likes + 1', slug: 'title' } }],
      },
      copyAll: {
        as: 'system',
        allow: 'true',
        input: { board: { ref: 'Board' } },
        steps: [
          {
            ensure: 'Note',
            each: 'n in input.board.notes',
            set: { title: '"copy of " + n.title', likes: 'n.likes' },
            existing: { likes: 'likes + n.likes', slug: 'n.board.name' },
            as: 'copies',
          },
        ],
        answer: { likes: 'copies.map(c, c.likes)', titles: 'copies.map(c, c.title)' },
      },
      removeAll: { allow: 'true', steps: [{ delete: 'Note', where: 'title == "old"' }] },
      ensuredOld: {
        allow: 'true',
        input: { title: 'Note.title' },
        steps: [{ ensure: 'Note', set: { title: '"old"' }, existing: { title: 'input.title' }, as: 'note' }],
        answer: { id: 'note.id', title: 'note.title' },
      },
      coded: { allow: 'true', as: 'system', input: { title: 'Note.title' }, run: (ctx: Context) => void ctx },
      createCoded: {
        allow: 'true',
        input: { title: 'Note.title' },
        run: ({ db, input }: Context) => db.Note.create({ title: input.title }).then(() => undefined),
      },
      updateCoded: {
        allow: 'true',
        input: { note: { ref: 'Note' }, title: 'Note.title' },
        run: ({ db, input }: Context) => db.Note.update(input.note.id, { title: input.title }).then(() => undefined),
      },
      deleteCoded: { allow: 'true', input: { note: { ref: 'Note' } }, run: ({ db, input }: Context) => db.Note.delete(input.note.id) },
    },
  }
}

/** The hook before the create of a note writes a row; at its first run, another connection makes the note first. */
export function raceForNote({ sql, setScript }: HookedWorld, title: string): void {
  let tries = 0
  setScript({
    async beforeCreate({ db }: Context) {
      await db.system.Log.create({ text: 'create' })
      if (tries++ > 0) return
      const columns = 'id, title, likes, state, created_at, updated_at, version'
      await sql(`insert into notes (${columns}) values (gen_random_uuid(), $1, 0, 'draft', now(), now(), 1)`, [title])
    },
  })
}

/** `within`: how long each hook may take. */
export async function hookedWorld(t: TestContext, within = '10s', options: Partial<BackendOptions> = {}): Promise<HookedWorld> {
  let script: Script = {}
  const ran: { moment: HookMoment; context: Context }[] = []
  const hookFor = (moment: HookMoment) => (context: Context) => {
    ran.push({ moment, context })
    return script[moment]?.(context)
  }
  const hooks = Object.fromEntries(MOMENTS.map((moment) => [moment, { run: hookFor(moment), as: 'system', within }]))
  const world = await testBackend(t, modelFrom(designWith(hooks)), { connections: 2, ...options })
  const client = new pg.Client({ connectionString: world.databaseUrl })
  await client.connect()
  // The database ends the connection when the test drops it.
  client.on('error', () => {})
  const [person] = await insertPeople(world, 'accounts', [{ email: 'ann@example.com' }])
  const [board = ''] = await insertRows(world, 'boards', [{ name: 'first' }])
  const [note = ''] = await insertRows(world, 'notes', [{ title: 'old', board_id: board, likes: 0, state: 'draft' }])
  assert.ok(person !== undefined)
  return {
    ...world,
    sql: async (text, values = []) => (await client.query(text, [...values])).rows,
    token: person.token,
    board,
    note,
    account: person.id,
    ran,
    setScript(next) {
      script = next
      ran.length = 0
    },
  }
}

/** A way to write a row: the operation whose hooks run, and the request. */
export interface Way {
  readonly operation: 'create' | 'update' | 'delete'
  readonly send: (world: HookedWorld, title: string) => Promise<Answered>
  /** Where the answer has the code of a failure; null for an answer without one. */
  readonly codeOf: (answer: Answered) => string | null
  /** The rows that the way writes; `notes` unless given. */
  readonly table?: 'accounts'
}

const codeInRest = ({ json }: Answered): string | null => json?.code ?? null
const codeInGraphql = ({ json }: Answered): string | null => json?.errors?.[0]?.extensions?.code ?? null

function rest(
  operation: Way['operation'],
  send: (world: HookedWorld, title: string) => readonly [method: string, url: string, body?: unknown],
): Way {
  return {
    operation,
    codeOf: codeInRest,
    send: (world, title) => {
      const [method, url, body] = send(world, title)
      return world.ask(method, url, { token: world.token, body })
    },
  }
}

function graphql(operation: Way['operation'], document: (world: HookedWorld, title: string) => string): Way {
  return {
    operation,
    codeOf: codeInGraphql,
    send: (world, title) =>
      world.ask('POST', '/graphql', { token: world.token, body: { query: `mutation { ${document(world, title)} }` } }),
  }
}

const PASSWORD = 'Lantern-Otter-42-Field'

/** Every way in that writes rows of an entity. */
export const WAYS: Readonly<Record<string, Way>> = {
  POST: rest('create', (_, title) => ['POST', '/api/notes', { title }]),
  'POST /bulk': rest('create', (_, title) => ['POST', '/api/notes/bulk', [{ title }]]),
  'POST with nested rows': rest('create', (_, title) => ['POST', '/api/boards', { name: 'new', notes: [{ title }] }]),
  'POST with Idempotency-Key': {
    ...rest('create', (_, title) => ['POST', '/api/notes', { title }]),
    send: (world, title) => world.ask('POST', '/api/notes', { token: world.token, body: { title }, headers: { 'idempotency-key': title } }),
  },
  PATCH: rest('update', ({ note }, title) => ['PATCH', `/api/notes/${note}`, { title }]),
  PUT: rest('update', ({ note }, title) => ['PUT', `/api/notes/${note}`, { title }]),
  DELETE: rest('delete', ({ note }) => ['DELETE', `/api/notes/${note}`]),
  'transaction, create': rest('create', (_, title) => [
    'POST',
    '/api/transaction',
    { operations: [{ method: 'POST', path: '/api/notes', body: { title } }] },
  ]),
  'transaction, update': rest('update', ({ note }, title) => [
    'POST',
    '/api/transaction',
    { operations: [{ method: 'PATCH', path: `/api/notes/${note}`, body: { title } }] },
  ]),
  'transaction, delete': rest('delete', ({ note }) => [
    'POST',
    '/api/transaction',
    { operations: [{ method: 'DELETE', path: `/api/notes/${note}` }] },
  ]),
  register: {
    ...rest('create', (_, title) => ['POST', '/api/auth/register', { email: `${title}@example.com`, password: PASSWORD, title }]),
    table: 'accounts',
  },
  'POST of an account': {
    ...rest('create', (_, title) => ['POST', '/api/accounts', { email: `${title}@example.com`, password: PASSWORD, title }]),
    table: 'accounts',
  },
  'GraphQL create': graphql('create', (_, title) => `createNote(input: { title: "${title}" }) { id }`),
  'GraphQL createMany': graphql('create', (_, title) => `createNotes(inputs: [{ title: "${title}" }]) { id }`),
  'GraphQL update': graphql('update', ({ note }, title) => `updateNote(id: "${note}", input: { title: "${title}" }) { id }`),
  'GraphQL delete': graphql('delete', ({ note }) => `deleteNote(id: "${note}") { id }`),
  'GraphQL upsert of a new row': graphql(
    'create',
    (_, title) => `upsertNote(where: { title: "${title}" }, create: { title: "${title}" }, update: {}) { id }`,
  ),
  'GraphQL upsert of a row': graphql(
    'update',
    (_, title) => `upsertNote(where: { title: "old" }, create: { title: "old" }, update: { title: "${title}" }) { id }`,
  ),
  'steps, create': rest('create', (_, title) => ['POST', '/api/actions/note', { title }]),
  'steps, create for each': rest('create', (_, title) => ['POST', '/api/actions/noteEach', { titles: [title] }]),
  'steps, update': rest('update', ({ note }, title) => ['POST', `/api/notes/${note}/rename`, { title }]),
  'steps, update of several rows': rest('update', (_, title) => ['POST', '/api/actions/renameAll', { title }]),
  'steps, call': rest('update', ({ note }, title) => ['POST', `/api/notes/${note}/renameByCall`, { title }]),
  'steps, delete': rest('delete', ({ note }) => ['POST', `/api/notes/${note}/remove`, {}]),
  'steps, delete of several rows': rest('delete', () => ['POST', '/api/actions/removeAll', {}]),
  'steps, ensure of a new row': rest('create', (_, title) => ['POST', '/api/actions/ensured', { title }]),
  'steps, ensure of a row': rest('update', (_, title) => ['POST', '/api/actions/ensuredOld', { title }]),
  'steps, ensure of a new row for each': rest('create', (_, title) => ['POST', '/api/actions/ensureEach', { titles: [title] }]),
  'GraphQL steps, ensure of a new row for each': graphql('create', (_, title) => `ensureEach(titles: ["${title}"])`),
  'steps, ensure of a row for each': rest('update', (_, title) => ['POST', '/api/actions/ensureOldEach', { titles: [title] }]),
  'GraphQL steps, create': graphql('create', (_, title) => `note(title: "${title}") { id }`),
  'GraphQL steps, update': graphql('update', ({ note }, title) => `renameNote(id: "${note}", title: "${title}") { id }`),
  'GraphQL steps, delete': graphql('delete', ({ note }) => `removeNote(id: "${note}")`),
  'code, create': rest('create', (_, title) => ['POST', '/api/actions/createCoded', { title }]),
  'code, update': rest('update', ({ note }, title) => ['POST', '/api/actions/updateCoded', { note, title }]),
  'code of a row, update': rest('update', ({ note }, title) => ['POST', `/api/notes/${note}/renameCoded`, { title }]),
  'code, delete': rest('delete', ({ note }) => ['POST', '/api/actions/deleteCoded', { note }]),
}
