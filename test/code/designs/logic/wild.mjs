// Code that misbehaves, one way for each key.
import { problem } from 'plinth'

const kept = {}

let runs = 0
let met = 0
const bothAreThere = Promise.withResolvers()

/** Changes two rows. Two calls in opposite orders wait for each other after the first row, so they deadlock. */
const crossing =
  (...names) =>
  async ({ db }) => {
    runs++
    for (const name of names) {
      const row = await db.Product.find({ filter: { name } })
      await db.system.Product.update(row.id, { stock: { increment: -1 } })
      if (++met === 2) bothAreThere.resolve()
      await bothAreThere.promise
    }
    return runs
  }

const HOW = {
  'cross ab': crossing('A', 'B'),
  'cross ba': crossing('B', 'A'),
  error: () => {
    throw new TypeError('secret detail')
  },
  text: () => {
    throw 'a text'
  },
  nothing: () => Promise.reject(),
  hostile: () => {
    throw {
      get message() {
        throw new Error('no')
      },
      toString() {
        throw new Error('no')
      },
    }
  },
  never: async ({ db }) => {
    await db.system.Product.create({ name: 'never', price: '1' })
    await new Promise(() => {})
  },
  signalled: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
  late: async ({ db }) => {
    kept.db = db
    return 1
  },
  'use late': () =>
    kept.db.Product.count().then(
      () => 'used',
      (error) => error.message,
    ),
  'not awaited': ({ db }) => {
    void db.system.Product.create({ name: 'not awaited', price: '1' })
    return 1
  },
  parallel: async ({ db }) => {
    const names = Array.from({ length: 20 }, (_, i) => `parallel ${i}`)
    const made = await Promise.all(names.map((name) => db.system.Product.create({ name, price: '1' })))
    return made.map(({ name }) => name)
  },
  'caught refusal': async ({ db }) => {
    await db.system.Product.create({ name: 'before', price: '1' })
    await db.Product.create({ name: 'refused', price: '1' }).catch(() => {})
    return 1
  },
  'caught taken': async ({ db }) => {
    await db.system.Product.create({ name: 'twice', price: '1' })
    await db.system.Product.create({ name: 'twice', price: '1' }).catch(() => {})
    await db.Product.count().catch(() => {})
    return 1
  },
  bulk: async ({ db }) => {
    for (let i = 0; i < 11; i++)
      await db.system.Product.create(Array.from({ length: 1000 }, (_, j) => ({ name: `bulk ${i} ${j}`, price: '1' })))
    return 1
  },
  loop: async ({ db }) => {
    for (let i = 0; i < 1_000_000; i++) await db.Product.count()
  },
  bigint: () => 1n,
  function: () => () => 1,
  circle: () => {
    const circle = {}
    circle.of = circle
    return circle
  },
  large: () => 'x'.repeat(17_000_000),
  prototype: async ({ db }) => {
    const values = JSON.parse('{ "name": "p", "price": "1", "__proto__": { "stock": 5 } }')
    return (await db.system.Product.create(values)).stock
  },
  names: ({ db }) => [typeof db.constructor, typeof db.toString, Object.getPrototypeOf(db), Object.keys(db.Product).length],
  frozen: (ctx) => {
    for (const change of [
      () => (ctx.db.Product.create = 1),
      () => (ctx.db.Product = 1),
      () => (ctx.caller.id = 1),
      () => (ctx.input.how = 1),
    ])
      try {
        change()
        return 'changed'
      } catch {}
    return 'frozen'
  },
  'no filter': ({ db }) => db.Product.list({ filter: { nothing: 1 } }),
  'no option': ({ db }) => db.Product.list({ where: 1 }),
  state: ({ db }) => db.system.Person.list().then((all) => all.map((one) => Object.keys(one).join())),
  closed: async ({ db }) => {
    const closed = await db.Coupon.list().catch((error) => error.code)
    return [closed, (await db.system.Coupon.list()).length]
  },
  own: ({ db }) => db.Order.count(),
  'not a code': () => {
    throw problem('Not A Code')
  },
  'of the server': () => {
    throw problem('overloaded', 'no')
  },
  problems: () => {
    throw problem('validation_failed', { message: 'wrong', errors: [{ pointer: '/how', message: 'is wrong' }] })
  },
  spoofed: () => {
    throw Object.assign(new Error('x'), { name: 'Failure', code: 'not_found', status: 200 })
  },
  log: ({ log }) => {
    log.info('hello', { a: 1 })
    log.error('bad', { level: 'x', code: 'y' })
    return 1
  },
}

export default (ctx) => HOW[ctx.input.how](ctx)
