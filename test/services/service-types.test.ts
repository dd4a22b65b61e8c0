/** The types of code have `ctx.services` outside of transactions and nowhere else, as docs/reference/services.md says. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeTypes } from '../../src/compile/code/code-types.ts'
import { errorsIn } from '../code/code-world.ts'
import { modelFrom } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'

const ACCESS = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const OWN = { transaction: 'own' } as const

/** Code of every kind, once with a transaction of its own and once without. */
const DESIGN = {
  name: 'shop',
  entities: {
    Order: {
      fields: { cents: { type: 'integer' } },
      access: ACCESS,
      hooks: { beforeCreate: 'hook.ts', afterUpdate: 'hook.ts' },
      actions: {
        pay: { allow: 'true', as: 'system', ...OWN, run: 'pay.ts' },
        close: { allow: 'true', as: 'system', run: 'close.ts' },
      },
    },
  },
  actions: {
    pay: { allow: 'true', as: 'system', ...OWN, run: 'pay.ts' },
    close: { allow: 'true', as: 'system', run: 'close.ts' },
    count: { allow: 'true', reads: true, run: 'count.ts' },
  },
  jobs: { pay: { as: 'system', ...OWN, run: 'pay.ts' }, close: { as: 'system', run: 'close.ts' } },
  schedules: {
    pay: { cron: '0 3 * * *', as: 'system', ...OWN, run: 'pay.ts' },
    close: { cron: '0 3 * * *', as: 'system', run: 'close.ts' },
  },
  on: {
    'Order.created': [
      { run: 'pay.ts', as: 'system', ...OWN },
      { run: 'close.ts', as: 'system' },
    ],
    'Order.updated': [
      { run: 'pay.ts', as: 'system', ...OWN },
      { run: 'close.ts', as: 'system' },
    ],
  },
  routes: { run: 'routes.ts', as: 'system' },
  integrations: { http: { billing: { baseUrl: 'https://billing.example.com' } } },
}

/** Types of functions whose context has services, and of those whose context has none, by the declaration file of `DESIGN`. */
const WITH = [
  "Actions['pay']",
  "Actions['Order.pay']",
  "Jobs['pay']",
  "Jobs['schedule:pay']",
  "Reactions['Order.created pay.ts']",
  "Reactions['Order.updated pay.ts']",
]
const WITHOUT = [
  "Actions['close']",
  "Actions['count']",
  "Actions['Order.close']",
  "Jobs['close']",
  "Jobs['schedule:close']",
  "Reactions['Order.created close.ts']",
  "Reactions['Order.updated close.ts']",
  "Hooks['Order.beforeCreate']",
  "Hooks['Order.afterUpdate']",
]

/** Marks a line that must not compile, with a part of its error. */
const NO = (why: string): string => `// WRONG ${why}`

/** Code that calls a service, and that must fail to compile where there is none. */
function calling(type: string, has: boolean): string {
  if (!has)
    return `export const _ = (async (ctx) => {
  await ctx.services.billing.get('/') ${NO("'services' does not exist")}
}) satisfies ${type}`
  return `export const _ = (async (ctx) => {
  const { number } = await ctx.services.billing.post<{ readonly number: string }>('/charges', { body: {}, idempotencyKey: 'a' })
  const text: string = number
  ctx.services.shipping ${NO("'shipping' does not exist")}
  await ctx.services.billing.get('/', { body: {} }) ${NO("'body' does not exist")}
  await ctx.transaction(async (inner) => {
    inner.db.system.Order
    inner.services ${NO("'services' does not exist")}
  })
  ctx.db ${NO("'db' does not exist")}
  void text
}) satisfies ${type}`
}

function module(types: readonly (readonly [type: string, has: boolean])[]): string {
  return types.map(([type, has], at) => calling(type, has).replace('_', `code${at}`)).join('\n\n')
}

const both = (withThem: readonly string[], without: readonly string[]): readonly (readonly [string, boolean])[] => [
  ...withThem.map((type) => [type, true] as const),
  ...without.map((type) => [type, false] as const),
]

const yaml = `import type { Actions, Hooks, Jobs, Reactions, Routes } from './shop.d.ts'

${module(both(WITH, WITHOUT))}

export default (async (app, { context }) => {
  app.get('/', async (request) => {
    const { number } = await context(request).services.billing.post<{ readonly number: string }>('/charges')
    const text: string = number
    context(request).services.shipping ${NO("'shipping' does not exist")}
    void text
    await context(request).transaction(async (inner) => {
      inner.services ${NO("'services' does not exist")}
    })
  })
}) satisfies Routes
`

const inline = (has: boolean): string => `async (ctx) => {
        ctx.services${has ? ".billing.get('/')" : ` ${NO("'services' does not exist")}`}
        ${has ? `ctx.services.shipping ${NO("'shipping' does not exist")}` : ''}
        ${has ? `await ctx.transaction(async (inner) => inner.services) ${NO("'services' does not exist")}` : ''}
      }`

const typescript = `import { backend, type CodeOf, type HookOf, integer, type RoutesOf } from 'plinth'

const design = backend({
  name: 'shop',
  entities: {
    Order: {
      fields: { cents: integer() },
      access: ${JSON.stringify(ACCESS)},
      hooks: { beforeCreate: 'hook.ts' },
      actions: {
        pay: { allow: 'true', as: 'system', transaction: 'own', run: 'pay.ts' },
        close: { allow: 'true', as: 'system', run: 'close.ts' },
      },
    },
  },
  actions: {
    pay: { allow: 'true', as: 'system', transaction: 'own', run: ${inline(true)} },
    close: { allow: 'true', as: 'system', run: ${inline(false)} },
  },
  integrations: { http: { billing: { baseUrl: 'https://billing.example.com' } } },
})
type Design = typeof design

${module(
  both(
    ["CodeOf<Design, 'pay'>", "CodeOf<Design, 'Order.pay'>"],
    ["CodeOf<Design, 'close'>", "CodeOf<Design, 'Order.close'>", "HookOf<Design, 'Order.beforeCreate'>"],
  ),
)}

const without = backend({
  name: 'plain',
  entities: {},
  actions: { pay: { allow: 'true', transaction: 'own', run: 'pay.ts' } },
})
export const none = (async (ctx) => {
  ctx.services.billing ${NO("'billing' does not exist")}
}) satisfies CodeOf<typeof without, 'pay'>

export const routes = (async (app, { context }) => {
  app.get('/', async (request) => {
    const { number } = await context(request).services.billing.post<{ readonly number: string }>('/charges')
    const text: string = number
    context(request).services.shipping ${NO("'shipping' does not exist")}
    void text
  })
}) satisfies RoutesOf<Design>
`

test('ctx.services exists in code with a transaction of its own, outside of that transaction, and nowhere else', (t) => {
  const folder = temporaryFolder(t)
  const files = { 'shop.d.ts': codeTypes(modelFrom(DESIGN)), 'yaml.ts': yaml, 'typescript.ts': typescript }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text)
  }
  const names = ['yaml.ts', 'typescript.ts'] as const
  const errors = errorsIn(folder, names, [
    'design/authoring/behaviour-design.ts',
    'design/authoring/code-of-types.ts',
    'design/authoring/define.ts',
  ])
  const expected = names.flatMap((name) =>
    files[name].split('\n').flatMap((line, at) => {
      const why = /\/\/ WRONG (.*)$/.exec(line)?.[1]
      return why === undefined ? [] : [{ place: `${name}(${at + 1},`, why }]
    }),
  )
  assert.equal(expected.length, 51)
  const isExpected = (error: string) => expected.some(({ place, why }) => error.startsWith(place) && error.includes(why))
  assert.deepEqual(
    errors.filter((error) => !isExpected(error)),
    [],
  )
  assert.deepEqual(
    expected.filter(({ place }) => !errors.some((error) => error.startsWith(place))),
    [],
  )
})
