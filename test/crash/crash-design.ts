/** The design of the crash tests: it writes in every way, and everything that may happen after a write leaves rows. */

import type { Model } from '../../src/model/model.ts'
import { modelFrom } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the design is made at run time
type Context = any

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const TAGGED = { tag: { type: 'text', max: 200 } }

/** A reaction: one row for each event. */
async function deliver({ event, row, db }: Context): Promise<void> {
  await db.system.Delivery.create({ tag: row.tag, event: event.id })
}

async function makeSome({ db, jobs, input }: Context): Promise<number> {
  const made = await db.system.Thing.create({ tag: input.tag })
  await db.system.Part.create([
    { thing: made.id, tag: input.tag },
    { thing: made.id, tag: input.tag },
  ])
  await db.system.Thing.update(made.id, { n: { increment: 2 } })
  await jobs.add('note', { tag: input.tag })
  return 1
}

/** The model. Every process of a crash test makes the same one. */
export function crashModel(): Model {
  return modelFrom({
    name: 'crashing',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' }, ...TAGGED },
        access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'false' },
      },
      Thing: {
        fields: {
          ...TAGGED,
          n: { type: 'integer', default: 0 },
          code: { type: 'text', max: 200, optional: true, unique: true },
          number: { type: 'sequence' },
        },
        access: OPEN,
      },
      Part: { fields: { ...TAGGED, thing: { type: 'ref', entity: 'Thing', inverse: 'parts', onDelete: 'cascade' } }, access: OPEN },
      Hooked: {
        fields: { ...TAGGED, n: { type: 'integer', default: 0 } },
        access: OPEN,
        hooks: {
          beforeCreate: ({ input }: Context) => ({ n: (input.n ?? 0) + 1 }),
          afterCreate: {
            as: 'system',
            run: async ({ row, db, jobs }: Context) => {
              await db.system.Thing.create({ tag: row.tag })
              await jobs.add('note', { tag: row.tag })
            },
          },
        },
      },
      Note: { fields: TAGGED, access: OPEN },
      Delivery: { fields: { ...TAGGED, event: { type: 'text', max: 100 } }, access: OPEN },
    },
    on: {
      'Thing.created': [{ run: deliver, as: 'system' }],
      'Thing.updated': [{ run: deliver, as: 'system' }],
      'Thing.deleted': [{ run: deliver, as: 'system' }],
      'Thing.built': [{ call: 'note', input: { tag: 'row.tag + " built"' }, as: 'system' }],
      'User.created': [{ email: 'welcome', to: 'email' }],
    },
    jobs: { note: { as: 'system', input: { tag: 'text' }, steps: [{ create: 'Note', set: { tag: 'input.tag' } }], retry: RETRY } },
    actions: {
      note: { as: 'system', input: { tag: 'text' }, steps: [{ create: 'Note', set: { tag: 'input.tag' } }] },
      build: {
        as: 'system',
        allow: 'true',
        input: { tag: 'text', codes: { type: 'list', of: { type: 'text' } } },
        steps: [
          { create: 'Thing', set: { tag: 'input.tag' }, as: 'thing' },
          { create: 'Part', each: 'c in input.codes', set: { tag: 'input.tag', thing: 'thing' } },
          { update: 'thing', set: { n: 'n + 5' } },
          { enqueue: 'note', input: { tag: 'input.tag' } },
          { emit: 'Thing.built', on: 'thing' },
        ],
        answer: { id: 'thing.id' },
      },
      strict: {
        as: 'system',
        allow: 'true',
        isolation: 'serializable',
        input: { tag: 'text' },
        steps: [
          { create: 'Thing', set: { tag: 'input.tag' } },
          { enqueue: 'note', input: { tag: 'input.tag' } },
        ],
      },
      code: {
        as: 'system',
        allow: 'true',
        input: { tag: 'text' },
        output: { made: 'integer' },
        run: async (ctx: Context) => ({ made: await makeSome(ctx) }),
      },
      own: {
        as: 'system',
        allow: 'true',
        transaction: 'own',
        input: { tag: 'text' },
        output: { made: 'integer' },
        run: async ({ transaction }: Context) => ({ made: await transaction(makeSome) }),
      },
    },
    integrations: {
      email: {
        from: 'Tests <tests@example.com>',
        templates: { welcome: { subject: 'Welcome, {tag}', blocks: [{ text: 'You can sign in.' }] } },
      },
    },
  })
}

/** Jobs whose process is killed at each attempt become dead in the end; these tests kill it once. */
const RETRY = { attempts: 20, first: '10ms', most: '50ms' }
