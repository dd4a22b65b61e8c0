import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure } from '../base/failure.ts'
import { lru } from '../base/lru.ts'
import { variantKey } from '../compile/specialise.ts'
import { viewFor } from '../compile/view.ts'
import { resolveDesign } from '../design/resolve.ts'
import { NO_SOURCE } from '../design/source.ts'
import type { Caller } from '../model/caller.ts'
import { entityNamed } from '../model/model.ts'
import { planIntent } from './plan.ts'
import type { PlanContext } from './planning.ts'
import { readIntent } from './rest.ts'

const ID = '01900000-0000-7000-8000-000000000001'
const anyone = { read: 'true' }

const { model, diagnostics } = resolveDesign(
  {
    name: 'desk',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          name: { type: 'text' },
          email: { type: 'email', unique: true, read: 'id == auth.id || auth.role == "admin"' },
          password: { type: 'password' },
          role: { type: 'choice', values: ['user', 'admin'], default: 'user' },
          badge: { type: 'text', optional: true, unique: true },
          nick: { type: 'text', optional: true, read: 'id == auth.id' },
        },
        access: anyone,
        indexes: [['nick']],
      },
      Ticket: {
        fields: {
          status: { type: 'choice', values: ['open', 'done'] },
          title: { type: 'text' },
          votes: { type: 'integer', default: 0 },
          due: { type: 'timestamp', optional: true },
          owner: { type: 'ref', entity: 'User', inverse: 'tickets' },
        },
        access: anyone,
        indexes: [['status', '-createdAt'], ['title'], ['votes'], ['due'], ['owner', 'title']],
      },
    },
  },
  NO_SOURCE,
)

const person = (role: string): Caller => ({
  session: null,
  claims: new Map([
    ['id', ID],
    ['role', role],
  ]),
})

/** What the list is refused with; null when it is served. */
function refusal(entity: string, query: string, caller = person('user')): string | null {
  assert.ok(model !== null, JSON.stringify(diagnostics))
  const key = variantKey(model, caller)
  const view = viewFor(model, caller)
  const context: PlanContext = { model, statements: lru(1), newId: () => ID, explainDenials: false, viewFor: () => ({ key, view }) }
  const intent = readIntent({
    entity: entityNamed(model, entity),
    method: 'GET',
    id: null,
    ifMatch: null,
    prefer: null,
    body: undefined,
    query,
  })
  try {
    planIntent(context, caller, intent)
    return null
  } catch (error) {
    if (error instanceof Failure && error.code === 'index_required') return error.detail
    throw error
  }
}

const cel = (text: string) => `filter=${encodeURIComponent(text)}`

describe('an order', () => {
  const add = (sort: string, index: string, entity = 'Ticket') =>
    `no index serves sorting by ${sort}; add [${index}] to the indexes of ${entity}`
  for (const [query, expected] of [
    ['sort=-createdAt', null],
    ['sort=-createdAt,id', null],
    ['sort=title', null],
    ['sort=-title', null],
    ['sort=id,votes', null],
    ['filter[status]=open&sort=-createdAt', null],
    ['filter[status]=open&sort=createdAt', null],
    [`filter[owner]=${ID}&sort=title`, null],
    ['sort=status', add('status', `'status', 'id'`)],
    ['sort=status,-createdAt', null],
    ['sort=status,createdAt', add('status, createdAt', `'status', 'createdAt', 'id'`)],
    ['sort=owner', add('owner', `'owner', 'id'`)],
    ['sort=-title,id', add('-title', `'-title', 'id'`)],
    ['sort=version', add('version', `'version'`)],
  ] as const) {
    test(`${query} is ${expected === null ? 'served' : 'refused with the index to add'}`, () =>
      assert.equal(refusal('Ticket', query), expected))
  }

  test('by a unique field needs no tie-breaker, unless rows may lack it', () => {
    assert.equal(refusal('User', 'sort=email', person('admin')), null)
    assert.equal(refusal('User', 'sort=badge'), add('badge', `'badge', 'id'`, 'User'))
  })

  test('by what is hidden on some rows is refused to those to whom it is hidden, unless the filter asks for one value of it', () => {
    const hidden = 'no index serves sorting by email, which not all of the rows show to you; sort by what you may read of every row'
    assert.equal(refusal('User', 'sort=email'), hidden)
    assert.equal(refusal('User', 'filter[email]=a@example.org&sort=email'), null)
  })
})

describe('a filter', () => {
  const add = (field: string, index: string) =>
    `no index serves this filter on ${field}; add ['${index.split('.')[1]}'] to the indexes of ${index.split('.')[0]}`
  const never = (on: string) =>
    `no index serves this filter${on} alone, as no index can; combine it with a filter by equality on an indexed field, or use search`
  for (const [query, expected] of [
    ['filter[votes][gte]=1', null],
    ['filter[title]=x', null],
    ['filter[version]=1', add('version', 'Ticket.version')],
    ['filter[owner.email]=a@example.org', null],
    ['filter[owner.name]=Ann', add('owner.name', 'User.name')],
    ['filter[owner.createdAt][gte]=2026-01-01T00:00:00Z', null],
    [cel('owner.email == "a@example.org" || owner.badge == "b"'), null],
    [cel('owner.email == "a@example.org" || title == "b"'), never('')],
    [cel('title == owner.name'), never('')],
    [cel('votes > 1.5'), never('')],
    [cel('title == "a" && owner.name == "Ann"'), null],
    ['filter[due][isNull]=true', null],
    ['filter[owner.nick][isNull]=true', never(' on owner.nick')],
    ['filter[owner.nick][isNull]=false', null],
    ['filter[title][startsWith]=a', never(' on title')],
    ['filter[title][gte]=a', never(' on title')],
    [`filter[owner]=${ID}&filter[title][startsWith]=a`, null],
  ] as const) {
    test(`${decodeURIComponent(query)} is ${expected === null ? 'served' : 'refused'}`, () =>
      assert.equal(refusal('Ticket', query), expected))
  }

  test('for what is missing is served where nothing is hidden: what is hidden is missing, too', () => {
    assert.equal(refusal('User', 'filter[badge][isNull]=true'), null)
    assert.equal(refusal('User', 'filter[nick][isNull]=true'), never(' on nick'))
  })
})
