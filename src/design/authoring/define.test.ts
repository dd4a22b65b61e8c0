import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backend, boolean, choice, computed, decimal, email, integer, json, list, password, ref, text, timestamp } from './define.ts'

const fields = { title: text({ max: 200 }), tags: list(text({ max: 40 }), { default: [] }), secret: password() }

test('helpers only return data', () => {
  assert.deepEqual(text({ max: 200 }), { type: 'text', max: 200 })
  assert.deepEqual(decimal(10, 2, { min: '0' }), { type: 'decimal', precision: 10, scale: 2, min: '0' })
  assert.deepEqual(ref('User', { inverse: 'posts' }), { type: 'ref', entity: 'User', inverse: 'posts' })
  assert.deepEqual(computed('title'), { type: 'computed', expression: 'title' })
  assert.deepEqual(choice(['a', 'b'], { default: 'a' }), { type: 'choice', values: ['a', 'b'], default: 'a' })
  const design = { name: 'x', entities: { Post: { fields } } } as const
  assert.equal(backend(design), design)
})

test('an editor accepts every name that the design declares', () => {
  backend({
    name: 'shop',
    entities: {
      Org: { fields: { name: text() } },
      Account: {
        identity: { login: 'mail', password: 'secret', role: 'role', claims: ['org', 'level'] },
        fields: {
          mail: email({ unique: true }),
          secret: password(),
          role: choice(['a', 'b']),
          org: ref('Org', { optional: true }),
          level: integer({ default: 0 }),
        },
      },
      Post: {
        fields: {
          title: text(),
          slug: text({ unique: { within: 'author' } }),
          author: ref('Account'),
          parent: ref('Post', { optional: true }),
          published: boolean(),
          at: timestamp({ default: 'now()' }),
        },
        indexes: [['author', '-createdAt'], ['-id'], ['title', 'version', '-updatedAt']],
        unique: [['author', 'title']],
        search: ['title', 'slug'],
        access: { read: 'true', update: { from: 'true', to: 'true' } },
      },
    },
    on: { 'Post.created': [{ run: () => null, as: 'system' }] },
    targets: { rows: { Post: 10 } },
    scenarios: {
      drafts: {
        rows: { Account: { ada: {} }, Post: { draft: { author: 'ada', published: false } } },
        calls: [
          { as: 'anonymous', list: 'Post', expect: [] },
          { as: 'ada', get: 'draft', through: 'graphql', expect: { answer: { author: 'ada' } } },
        ],
      },
    },
    requirements: {
      R1: {
        text: 'Anyone reads posts.',
        source: 'architecture.md:4',
        by: ['Post.access.read', 'Post.fields.title', 'Account', 'targets.p99'],
      },
      R2: { text: 'It is tested.', by: 'test/posts.test.ts#posts are read' },
      R3: { text: 'Who may delete?', by: 'open', question: { ask: 'Who?', options: ['nobody', 'authors'] } },
    },
  })
})

test('an editor marks every name that the design does not declare', () => {
  // @ts-expect-error no such field in an index
  backend({ name: 'x', entities: { Post: { fields, indexes: [['titel']] } } })
  // @ts-expect-error no such field in a descending part
  backend({ name: 'x', entities: { Post: { fields, indexes: [['title'], ['-titel']] } } })
  // @ts-expect-error a password cannot be indexed
  backend({ name: 'x', entities: { Post: { fields, indexes: [['secret']] } } })
  // @ts-expect-error no such field in unique
  backend({ name: 'x', entities: { Post: { fields, unique: [['titel']] } } })
  // @ts-expect-error no such field in search
  backend({ name: 'x', entities: { Post: { fields, search: ['titel'] } } })
  // @ts-expect-error no such field in search
  backend({ name: 'x', entities: { Post: { fields, search: { fields: ['titel'] } } } })
  // @ts-expect-error no such login
  backend({ name: 'x', entities: { Post: { fields, identity: { login: 'titel', password: 'secret' } } } })
  // @ts-expect-error the password of an identity is a password field
  backend({ name: 'x', entities: { Post: { fields, identity: { login: 'title', password: 'title' } } } })
  // @ts-expect-error no such claim
  backend({ name: 'x', entities: { Post: { fields, identity: { login: 'title', password: 'secret', claims: ['titel'] } } } })
  // @ts-expect-error no such entity
  backend({ name: 'x', entities: { Post: { fields: { author: ref('User') } } } })
  // @ts-expect-error no such field in a unique constraint with a condition
  backend({ name: 'x', entities: { Post: { fields, unique: [{ fields: ['titel'], where: 'true' }] } } })
  // @ts-expect-error no such field to be unique within
  backend({ name: 'x', entities: { Post: { fields: { slug: text({ unique: { within: 'org' } }) } } } })
  // @ts-expect-error no such entity in an event
  backend({ name: 'x', entities: { Post: { fields } }, on: { 'Pots.created': [] } })
  // @ts-expect-error no such entity in a requirement
  backend({ name: 'x', entities: { Post: { fields } }, requirements: { R1: { text: 'a', by: 'Pots.access.read' } } })
  // @ts-expect-error no such field in a requirement
  backend({ name: 'x', entities: { Post: { fields } }, requirements: { R1: { text: 'a', by: ['Post.fields.titel'] } } })
  // @ts-expect-error no such entity in a scenario
  backend({ name: 'x', entities: { Post: { fields } }, scenarios: { a: { rows: { Pots: { p: {} } } } } })
  // @ts-expect-error no such field in a scenario
  backend({ name: 'x', entities: { Post: { fields } }, scenarios: { a: { rows: { Post: { p: { titel: '' } } } } } })
  // @ts-expect-error a call has a caller
  backend({ name: 'x', entities: { Post: { fields } }, scenarios: { a: { calls: [{ list: 'Post', expect: 200 }] } } })
  // @ts-expect-error no such key of a requirement
  backend({ name: 'x', entities: { Post: { fields } }, requirements: { R1: { text: 'a', bye: 'open' } } })
  // @ts-expect-error no such entity in the targets
  backend({ name: 'x', entities: { Post: { fields } }, targets: { rows: { Pots: 1 } } })
})

const shop = {
  User: { fields: { mail: email({ unique: true }) } },
  Order: {
    fields: { state: choice(['placed', 'paid'], { default: 'placed' }), customer: ref('User', { inverse: 'orders' }), total: integer() },
  },
}
const step = (steps: unknown): unknown => steps

test('an editor accepts the names in actions and workflows that the design declares', () => {
  const design = backend({
    name: 'x',
    entities: shop,
    actions: {
      buy: {
        as: 'system',
        allow: 'auth.id != null',
        input: { user: { ref: 'User', by: 'mail' }, total: 'Order.total?', note: 'text?', count: { type: 'integer', min: 1 } },
        steps: [
          { find: 'Order', where: 'total > 1', as: 'order', else: 'nothing' },
          { require: 'order.total > 1' },
          { create: 'Order', set: { customer: 'input.user', total: 'input.total', state: 'placed' }, as: 'made' },
          { ensure: 'User', set: { mail: 'input.user.mail' } },
          { update: 'order', set: { total: 'total + 1' } },
          { delete: 'order.customer.orders', where: 'total == 0' },
          { call: 'Order.pay', on: 'made' },
          { emit: 'Order.bought', on: 'made' },
        ],
        answer: { id: 'made.id', lines: { each: 'o in input.user.orders', is: { total: 'o.total' } } },
      },
    },
    shapes: { Buyer: { of: 'User', fields: ['mail', 'createdAt'] }, Bought: { of: 'Order', with: { by: 'Buyer(customer)' } } },
    workflows: { paying: { entity: 'Order', field: 'state', transitions: { pay: { from: 'placed', to: 'paid', allow: 'true' } } } },
  })
  assert.equal(typeof design, 'object')
})

test('an editor marks names in actions and workflows that the design does not declare', () => {
  // @ts-expect-error no such entity
  step(backend({ name: 'x', entities: shop, actions: { buy: { steps: [{ create: 'Ordr' }] } } }))
  // @ts-expect-error no such field in an action of an entity
  step(backend({ name: 'x', entities: { Post: { fields, actions: { act: { steps: [{ create: 'Post', set: { titel: '1' } }] } } } } }))
  step(backend({ name: 'x', entities: { Post: { fields, actions: { act: { steps: [{ create: 'Post', set: { title: '1' } }] } } } } }))
  // @ts-expect-error no such field in set
  step(backend({ name: 'x', entities: shop, actions: { buy: { steps: [{ create: 'Order', set: { totl: '1' } }] } } }))
  // @ts-expect-error no such field in existing
  step(backend({ name: 'x', entities: shop, actions: { buy: { steps: [{ ensure: 'User', existing: { male: '1' } }] } } }))
  // @ts-expect-error no such entity in a find
  step(backend({ name: 'x', entities: shop, actions: { buy: { steps: [{ find: 'Ordr' }] } } }))
  // @ts-expect-error no such verb
  step(backend({ name: 'x', entities: shop, actions: { buy: { steps: [{ insert: 'Order' }] } } }))
  // @ts-expect-error no such entity in a reference
  step(backend({ name: 'x', entities: shop, actions: { buy: { input: { order: { ref: 'Ordr' } } } } }))
  // @ts-expect-error no such field of an input
  step(backend({ name: 'x', entities: shop, actions: { buy: { input: { total: 'Order.totl' } } } }))
  const transitions = { pay: { from: 'placed', to: 'payd' } } as const
  // @ts-expect-error no entity Oder
  step(backend({ name: 'x', entities: shop, shapes: { Bought: { of: 'Oder', fields: ['total'] } } }))
  // @ts-expect-error no field totl
  step(backend({ name: 'x', entities: shop, shapes: { Bought: { of: 'Order', fields: ['totl'] } } }))
  // @ts-expect-error no such state
  step(backend({ name: 'x', entities: shop, workflows: { w: { entity: 'Order', field: 'state', transitions } } }))
  // @ts-expect-error the field is no choice
  step(backend({ name: 'x', entities: shop, workflows: { w: { entity: 'Order', field: 'total', transitions: {} } } }))
})

test('an editor marks every key that the language does not have', () => {
  // @ts-expect-error no such key of a design
  backend({ name: 'x', entities: { Post: { fields } }, entitys: {} })
  // @ts-expect-error no such key of an entity
  backend({ name: 'x', entities: { Post: { fields, indices: [] } } })
  // @ts-expect-error no such operation
  backend({ name: 'x', entities: { Post: { fields, access: { read: 'true', write: 'true' } } } })
  // @ts-expect-error no such key of an identity
  backend({ name: 'x', entities: { Post: { fields, identity: { login: 'title', password: 'secret', roles: 'title' } } } })
  // @ts-expect-error no such hook
  backend({ name: 'x', entities: { Post: { fields, hooks: { beforeSave: 'a.ts' } } } })
  // @ts-expect-error no such option of a text
  text({ max: 3, maximum: 3 })
  // @ts-expect-error a json cannot be unique
  json({ unique: true })
  // @ts-expect-error a password cannot be read
  password({ read: 'true' })
  // @ts-expect-error not one of the values
  choice(['a', 'b'], { default: 'c' })
  // @ts-expect-error a boolean has no bounds
  boolean({ min: 1 })
  // @ts-expect-error a list does not hold lists
  list(list(text()))
})
