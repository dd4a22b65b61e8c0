import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure } from '../../base/failure.ts'
import { lru } from '../../base/lru.ts'
import { variantKey } from '../../compile/rules/specialise.ts'
import { viewFor } from '../../compile/rules/view.ts'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Caller } from '../../model/caller.ts'
import { entityNamed } from '../../model/model.ts'
import { readIntent } from '../rest/rest-intent.ts'
import { planIntent } from './plan.ts'
import type { PlanContext } from './planning.ts'

const ID = '01900000-0000-7000-8000-000000000001'
const anyone = { read: 'true' }

const { model, diagnostics } = resolveDesign(
  {
    name: 'desk',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          name: { type: 'text', max: 100 },
          email: { type: 'email', unique: true, read: 'id == auth.id || auth.role == "admin"' },
          password: { type: 'password' },
          role: { type: 'choice', values: ['user', 'admin'], default: 'user' },
          badge: { type: 'text', max: 20, optional: true, unique: true },
          nick: { type: 'text', optional: true, read: 'id == auth.id' },
        },
        access: anyone,
        indexes: [['nick']],
      },
      Ticket: {
        fields: {
          status: { type: 'choice', values: ['open', 'done'] },
          title: { type: 'text', max: 200 },
          body: { type: 'text', max: 50_000 },
          code: { type: 'text', max: 600 },
          labels: { type: 'list', of: { type: 'text' } },
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

/** The message of the refused list; null when the list is served. */
function refusal(entity: string, query: string, caller = person('user')): string | null {
  assert.ok(model !== null, JSON.stringify(diagnostics))
  const key = variantKey(model, caller)
  const view = viewFor(model, caller)
  const context: PlanContext = {
    model,
    statements: lru(1),
    recipes: null,
    newId: () => ID,
    columns: true,
    short: true,
    explainDenials: false,
    viewFor: () => ({ key, view }),
  }
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
    [
      'sort=body',
      add('body', `'body'`).replace('; add', '; body may be too long for an index, so give it a max of 650 characters and add'),
    ],
    [
      'sort=title,code',
      add('title, code', `'title', 'code'`).replace(
        '; add',
        '; code may be too long for an index, so give it a max of 450 characters and add',
      ),
    ],
  ] as const) {
    test(`${query} is ${expected === null ? 'served' : 'refused with the index to add'}`, () =>
      assert.equal(refusal('Ticket', query), expected))
  }

  test('sorting by a unique field needs no tie-breaker, unless the field may be missing', () => {
    assert.equal(refusal('User', 'sort=email', person('admin')), null)
    assert.equal(refusal('User', 'sort=badge'), add('badge', `'badge', 'id'`, 'User'))
  })

  test('a sort field that is hidden on some rows is refused to those callers, unless the filter fixes its value', () => {
    const hidden = 'no index serves sorting by email, which is hidden from you in some rows; sort by fields that you may read in every row'
    assert.equal(refusal('User', 'sort=email'), hidden)
    assert.equal(refusal('User', 'filter[email]=a@example.org&sort=email'), null)
  })
})

describe('a filter', () => {
  const add = (field: string, index: string) =>
    `no index serves this filter on ${field}; add ['${index.split('.')[1]}'] to the indexes of ${index.split('.')[0]}`
  const never = (on: string) =>
    `no index serves this filter${on} alone; combine it with a filter by equality on an indexed field, or use search`
  const divided = (rows: string) =>
    `no index serves an "or" of conditions on ${rows}, because an index covers only one of them; send a request for each condition, or combine it with a filter by equality on an indexed field`
  const limit = (field: string, index: string) =>
    add(field, index).replace('add', `${field} may be too long for an index, so give it a max of 650 characters and add`)
  for (const [query, expected] of [
    ['filter[votes][gte]=1', null],
    ['filter[title]=x', null],
    ['filter[version]=1', add('version', 'Ticket.version')],
    ['filter[owner.email]=a@example.org', null],
    ['filter[owner.name]=Ann', add('owner.name', 'User.name')],
    ['filter[owner.createdAt][gte]=2026-01-01T00:00:00Z', null],
    [cel('owner.email == "a@example.org" || owner.badge == "b"'), null],
    [cel('owner.email == "a@example.org" || title == "b"'), divided('Ticket and owner')],
    [cel('owner.email == "a@example.org" || version == 1'), divided('Ticket and owner')],
    [cel('version == 1 || owner.name == "Ann"'), divided('Ticket and owner')],
    [cel('version == 1 || votes > 2'), add('version', 'Ticket.version')],
    [cel('version == 1 || title != "b"'), never(' on title')],
    [cel('title != "b" && version == 1'), add('version', 'Ticket.version')],
    [cel('title != "b" && version > 1'), never(' on title')],
    ['filter[body]=x', limit('body', 'Ticket.body')],
    ['filter[code]=x', add('code', 'Ticket.code')],
    [
      cel('"x" in labels'),
      `no index serves this filter on labels; items of labels may be too long for an index, so give them a max of 650 characters and add ['labels'] to the indexes of Ticket`,
    ],
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

  test('isNull is served by an index only for callers from whom no value is hidden, because hidden values count as missing', () => {
    assert.equal(refusal('User', 'filter[badge][isNull]=true'), null)
    assert.equal(refusal('User', 'filter[nick][isNull]=true'), never(' on nick'))
  })
})
