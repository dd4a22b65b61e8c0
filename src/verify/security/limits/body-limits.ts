/** Limits of bodies: bytes, levels, keys and items at each address that reads one; rows of a creation; operations of a transaction. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf } from '../../expected/abstract-request.ts'
import type { AskedLimit } from './limit-probe.ts'

const BYTES = 1_048_576
const LEVELS = 32
const KEYS = 10_000
const ROWS = 1_000
const OPERATIONS = 50

interface Door {
  readonly name: string
  readonly user: string | null
  readonly method: string
  readonly url: string
}

/** The limits of bodies of an entity's writes, and of the addresses that every backend has. */
export function bodyLimits(asking: PlannedWorld, entity: Entity): readonly AskedLimit[] {
  const { model } = asking.reference
  const base = restBase(model)
  const doors: readonly Door[] = [
    ...(['create', 'update'] as const).flatMap((verb): Door[] => {
      const one = requestAnswered(asking, { entity, verb, statuses: [200, 201] })
      if (one === null) return []
      const { method, url } = httpRequestOf(model, one.request)
      return [{ name: verb, user: one.user, method, url }]
    }),
    { name: 'transaction', user: null, method: 'POST', url: `${base}/transaction` },
    ...(model.served.graphql ? [{ name: 'graphql', user: null, method: 'POST', url: '/graphql' }] : []),
    ...(model.identity === null ? [] : [{ name: 'login', user: null, method: 'POST', url: `${base}/auth/login` }]),
  ]
  const [create] = doors.filter(({ name }) => name === 'create')
  return [
    ...doors.flatMap(({ name, user, ...sent }): AskedLimit[] => {
      const ask = (goal: string, most: number, body: (count: number) => string): AskedLimit => ({
        ...{ goal: `${name}-${goal}`, user, most, reached: 'refused otherwise' },
        having: (count) => ({ ...sent, body: body(count) }),
      })
      return [
        ask('bytes', BYTES, (count) => '{}'.padStart(count)),
        ask('levels', LEVELS, (count) => `{"nothingOfThisName":${'['.repeat(count - 1)}${']'.repeat(count - 1)}}`),
        ask('keys', KEYS, (count) => `{"nothingOfThisName":[${Array.from({ length: count - 1 }, () => '1').join(',')}]}`),
      ]
    }),
    // None of these rows and operations can be written.
    ...(create === undefined
      ? []
      : [
          {
            ...{ goal: 'create-rows', user: create.user, most: ROWS, reached: 'refused otherwise' as const },
            having: (count: number) => ({
              method: 'POST',
              url: create.url,
              body: Array.from({ length: count }, () => ({ nothingOfThisName: 1 })),
            }),
          },
        ]),
    {
      ...{ goal: 'transaction-operations', user: create?.user ?? null, most: OPERATIONS, reached: 'refused otherwise' },
      having: (count) => ({
        method: 'POST',
        url: `${base}/transaction`,
        body: {
          operations: Array.from({ length: count }, () => ({
            method: 'POST',
            path: `${base}/${entity.path}`,
            body: { nothingOfThisName: 1 },
          })),
        },
      }),
    },
  ]
}
