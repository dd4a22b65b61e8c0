/** The design of the isolation test: registers with lists, and actions that append to them and read them at both levels. */

import type { Model } from '../../src/model/model.ts'
import { modelFrom } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the design is made at run time
type Context = any

const CLOSED = { read: 'true', create: 'false', update: 'false', delete: 'false' }
const register = { ref: 'Register', by: 'name' }
const COMMON = { as: 'system', allow: 'true' }
const append = (name: string, value: string) => ({ update: `input.${name}`, set: { list: `list + string(input.${value}) + ","` } })

/** The actions of one level. Their names end with it. */
function actionsOf(level: 'Rc' | 'Ser'): object {
  const isolation = level === 'Ser' ? { isolation: 'serializable' } : {}
  const both = { input: { a: register, b: register, x: 'integer', y: 'integer' } }
  return {
    [`appendBoth${level}`]: { ...COMMON, ...isolation, ...both, steps: [append('a', 'x'), append('b', 'y')] },
    [`appendTwice${level}`]: {
      ...COMMON,
      ...isolation,
      ...both,
      steps: [append('a', 'x'), append('a', 'y')],
      answer: { b: 'input.b.list' },
    },
    [`appendAndRead${level}`]: {
      ...COMMON,
      ...isolation,
      input: { a: register, b: register, x: 'integer' },
      steps: [append('a', 'x')],
      answer: { a: 'input.a.list', b: 'input.b.list' },
    },
    [`readBoth${level}`]: {
      ...COMMON,
      ...isolation,
      input: { a: register, b: register },
      steps: [],
      answer: { a: 'input.a.list', b: 'input.b.list' },
    },
  }
}

/** Reads one list and appends to another by code, which changes what it has read: only serializable transactions make that right. */
async function mixed({ db, input }: Context): Promise<object> {
  const { a, b, x } = input
  const read = (await db.system.Register.get(b.id)).list
  const own = (await db.system.Register.get(a.id)).list
  await db.system.Register.update(a.id, { list: `${own}${x},` })
  return { a: `${own}${x},`, b: read }
}

/** The model. Every process of the test makes the same one. */
export function appendModel(): Model {
  return modelFrom({
    name: 'registers',
    entities: {
      Register: { fields: { name: { type: 'text', max: 40, unique: true }, list: { type: 'text', default: '' } }, access: CLOSED },
    },
    actions: {
      ...actionsOf('Rc'),
      ...actionsOf('Ser'),
      mixedSer: {
        ...COMMON,
        isolation: 'serializable',
        input: { a: register, b: register, x: 'integer' },
        output: { a: 'text', b: 'text' },
        run: mixed,
      },
    },
  })
}
