/** An `ensure` as caller whose row another request makes at the same moment: the rules of the caller judge this row, too. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, type Person, whileLocked } from '../actions/action-world.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const input = { slug: 'text' }
const ensure = { ensure: 'Note', set: { slug: 'input.slug' }, as: 'note' }
const own = 'owner == auth.id'

const model = modelFrom({
  name: 'notes',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true', update: 'false', delete: 'false' },
    },
    Note: {
      fields: {
        slug: { type: 'text', max: 40, unique: true },
        likes: { type: 'integer', default: 0 },
        open: { type: 'boolean', default: false },
        owner: { type: 'ref', entity: 'User', set: 'auth.id' },
      },
      access: { read: `open || ${own}`, create: 'auth.id != null', update: own, delete: 'false' },
    },
  },
  actions: {
    like: { allow: 'auth.id != null', input, steps: [{ ...ensure, existing: { likes: 'likes + 1' } }], answer: { likes: 'note.likes' } },
    find: { allow: 'auth.id != null', input, steps: [ensure], answer: { likes: 'note.likes' } },
    likeEach: {
      allow: 'auth.id != null',
      input: { slugs: { type: 'list', of: { type: 'text', max: 40 } } },
      steps: [{ ensure: 'Note', each: 's in input.slugs', set: { slug: 's' }, existing: { likes: 'likes + 1' } }],
    },
  },
})

interface World extends TestBackend {
  readonly ann: Person
  readonly bob: Person
}

async function openWorld(t: TestContext): Promise<World> {
  const world = await testBackend(t, model)
  const [ann, bob] = await insertPeople(world, 'users', [{ email: 'ann@example.com' }, { email: 'bob@example.com' }])
  assert.ok(ann !== undefined && bob !== undefined)
  return { ...world, ann, bob }
}

/** Ann calls an action while a note with the slug is being made for somebody. Gives the answer and the likes of the note. */
async function meanwhile(
  world: World,
  action: string,
  { slug, owner, open = false }: { readonly slug: string; readonly owner: Person; readonly open?: boolean },
): Promise<{ readonly answer: Answered; readonly likes: unknown }> {
  const body = action === 'likeEach' ? { slugs: [`${slug}-other`, slug] } : { slug }
  let call: Promise<Answered> | undefined
  const values = `gen_random_uuid(), '${slug}', 7, ${open}, '${owner.id}', now(), now(), 1`
  await whileLocked(world, `insert into notes (id, slug, likes, open, owner_id, created_at, updated_at, version) values (${values})`, {
    waiting: 1,
    begin: () => {
      call = world.ask('POST', `/api/actions/${action}`, { token: world.ann.token, body })
    },
  })
  assert.ok(call !== undefined)
  const answer = await call
  const [note] = await world.sql('select likes from notes where slug = $1', [slug])
  return { answer, likes: Number(note?.likes) }
}

test('an ensure meets a row that another request has made at the same moment', async (t) => {
  const world = await openWorld(t)
  const { ann, bob } = world
  for (const action of ['like', 'likeEach', 'find']) {
    const hidden = await meanwhile(world, action, { slug: `${action}-hidden`, owner: bob })
    assert.deepEqual([action, hidden.answer.status, hidden.answer.json?.code, hidden.likes], [action, 403, 'forbidden', 7])
    const mine = await meanwhile(world, action, { slug: `${action}-mine`, owner: ann })
    assert.deepEqual([action, mine.answer.status < 300, mine.likes], [action, true, action === 'find' ? 7 : 8])
    const open = await meanwhile(world, action, { slug: `${action}-open`, owner: bob, open: true })
    assert.deepEqual([action, open.answer.status, open.likes], [action, action === 'find' ? 200 : 403, 7])
  }
})
