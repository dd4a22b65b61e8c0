/** The cases of the family `races`: the same write many times at once, on all instances of the backend. */

import { sampleValue } from '../../../compile/values/sample.ts'
import { type Entity, entityNamed } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { endsCaller, type RowVerb, requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { changedRow } from '../../expected/expectation-write.ts'
import type { ExpectedChange } from '../../expected/expected.ts'
import type { ReferenceBackend } from '../../expected/reference.ts'
import { answersAlike, uniquesOf } from '../../expected/written-design.ts'
import { race, raceClaim } from './race.ts'
import { rowsAtOnce } from './rows-at-once.ts'

const UNIQUE_TIMES = 20
const KEY_TIMES = 20
const VERSION_TIMES = 50
const INCREMENT_TIMES = 20
const DELETE_TIMES = 10

/** The claims of all entities that somebody can write. */
export function raceCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model } = asking.reference
  if (model.served.rest === null) return []
  return model.entities.flatMap((entity) => {
    const probes = [
      ...uniqueRaces(asking, entity),
      ...repeatedCreate(asking, entity),
      ...updateRaces(asking, entity),
      ...deleteRace(asking, entity),
      ...rowsAtOnce(asking, entity),
    ]
    const id = raceClaim(entity)
    const wanted = wantedOf(asking, entity)
    const asked = probes.flatMap(({ goals }) => goals)
    if (wanted.length === 0) return []
    const plan = {
      id,
      claim: `Writes of ${entity.name} that arrive at once have the effect of one after the other.`,
      path: ['entities', entity.name],
      oracle: 'the count of successes, and all rows afterwards',
      text: 'the same write 10 to 50 times at once on all instances: one value, one version, one key, one row, one number; and writes of different rows at once',
      what: 'races',
      asked,
      impossible: [],
      untested: wanted.filter((goal) => !asked.includes(goal)),
    } as const
    return [{ plan, cases: [], probes }]
  })
}

function wantedOf({ reference }: PlannedWorld, entity: Entity): readonly string[] {
  const own = reference.design.entities[entity.name]
  const { access = {} } = own ?? {}
  const isOpen = (rule: unknown): boolean => rule !== undefined && rule !== 'false'
  return [
    ...(isOpen(access.create) ? [...uniquesOf(own).map(({ names }) => `unique-${names.join('-')}`), 'same-key'] : []),
    ...(isOpen(access.update) ? ['same-version'] : []),
    ...(isOpen(access.delete) ? ['same-delete'] : []),
  ]
}

/** The first write of an entity that succeeds and whose effect is known. */
function usual(asking: PlannedWorld, entity: Entity, verb: RowVerb): UsualRequest | null {
  return requestAnswered(
    asking,
    { entity, verb, statuses: [200, 201, 204] },
    (one) => !isUnforeseen(asking.reference, { ...one, api: 'rest' }),
  )
}

/** One value by many at once. */
function uniqueRaces(asking: PlannedWorld, entity: Entity): readonly ProbeCase[] {
  const { reference } = asking
  const own = reference.design.entities[entity.name]
  const base = answersAlike(own) ? null : usual(asking, entity, 'create')
  const [body] = base?.request.kind === 'create' ? base.request.rows : []
  if (base?.request.kind !== 'create' || body === undefined) return []
  const { user, request } = base
  const uniques = uniquesOf(own)
  return uniques.flatMap(({ names, where }): readonly ProbeCase[] => {
    if (!names.every((name) => Object.hasOwn(body, name)) || where !== 'true') return []
    const others = uniques.filter((one) => one.names.length === 1 && !names.includes(one.names[0] ?? '')).flatMap((one) => one.names)
    const rowOf = (n: number) => ({
      ...body,
      ...Object.fromEntries(
        others.flatMap((name) => {
          const field = entity.fields.find((one) => one.name === name)
          return field === undefined || !Object.hasOwn(body, name) ? [] : [[name, sampleValue(field.type, 2_000 + n)]]
        }),
      ),
    })
    // Which of the requests succeeds is open, so the new row is counted, and its values are not compared.
    const sample = { ...request, rows: [rowOf(0)] }
    if (expectationOf(reference, user, sample).change.kind !== 'created') return []
    return [
      race(entity, {
        goal: `unique-${names.join('-')}`,
        user,
        times: UNIQUE_TIMES,
        why: `${names.join(', ')} is unique`,
        request: (n) => httpRequestOf(reference.model, { ...request, rows: [rowOf(n)] }),
        one: 201,
        others: [409],
        change: (now) => expectationOf(now, user, sample).change,
      }),
    ]
  })
}

/** One create with one key by many at once; afterwards the same again, and another body with the key. */
function repeatedCreate(asking: PlannedWorld, entity: Entity): readonly ProbeCase[] {
  const { reference } = asking
  const base = answersAlike(reference.design.entities[entity.name]) ? null : usual(asking, entity, 'create')
  if (base?.request.kind !== 'create') return []
  const { user, request } = base
  const sent = httpRequestOf(reference.model, request)
  const keyed = (key: string): SentOverHttp => ({ ...sent, headers: { ...sent.headers, 'idempotency-key': key } })
  return [
    race(entity, {
      goal: 'same-key',
      user,
      times: KEY_TIMES,
      why: 'requests with one Idempotency-Key have one effect',
      request: (_, key) => keyed(key),
      one: 201,
      others: [201, 409],
      change: (now) => expectationOf(now, user, request).change,
      async after(tools, answers, key) {
        const token = tools.tokenOf(user)
        const done = answers.filter(({ status }) => status === 201)
        const [first] = done
        if (done.some(({ text }) => text !== first?.text)) return 'the answers to one key differ'
        const again = await tools.send({ ...keyed(key), token })
        if (again.status !== 201 || again.text !== first?.text) return `a repetition is answered ${again.status}, and not as before`
        if (again.headers['idempotency-replayed'] !== 'true') return 'a repetition has no header Idempotency-Replayed'
        const [row] = request.rows
        const other = await tools.send({ ...keyed(key), body: { ...row, another: 1 }, token })
        return [400, 422].includes(other.status) ? null : `another body with the same key is answered ${other.status}`
      },
    }),
  ]
}

/** One version by many at once, and many increments of one number. */
function updateRaces(asking: PlannedWorld, entity: Entity): readonly ProbeCase[] {
  const { reference } = asking
  const base = usual(asking, entity, 'update')
  if (base?.request.kind !== 'update') return []
  const { user, request } = base
  const row = reference.find(entity.name, request.id)
  if (row === undefined) return []
  const versioned = { ...request, version: Number(row.version) }
  const lost = race(entity, {
    goal: 'same-version',
    user,
    times: VERSION_TIMES,
    why: 'a row with this version can be changed once',
    request: () => httpRequestOf(reference.model, versioned),
    one: 200,
    others: [412],
    change: (now) => expectationOf(now, user, versioned).change,
  })
  return [lost, ...incrementRaces(asking, entity, user)]
}

function incrementRaces(asking: PlannedWorld, entity: Entity, user: string | null): readonly ProbeCase[] {
  const { reference } = asking
  const at = { reference, user, sight: reference.sightOf(user), entity }
  const numbers = entity.fields.filter(
    ({ type, system, immutable }) => type.kind === 'scalar' && type.scalar === 'integer' && system === null && !immutable,
  )
  return numbers.flatMap((field): readonly ProbeCase[] => {
    const found = (reference.rows().get(entity.name) ?? []).find((row) => {
      const value = row[field.name]
      if (typeof value !== 'number') return false
      const changeTo = (next: number) =>
        expectationOf(reference, user, {
          kind: 'update',
          entity: entity.name,
          mode: 'patch',
          id: String(row.id),
          body: { [field.name]: next },
          version: null,
          selected: { fields: null, include: new Map() },
        }).statuses
      const most = field.type.kind === 'scalar' && field.type.max !== null ? Number(field.type.max) : Number.POSITIVE_INFINITY
      // No number on the way may be one that a rule or a constraint refuses.
      const steps = Array.from({ length: INCREMENT_TIMES }, (_, n) => value + n + 1)
      return value + INCREMENT_TIMES <= most && steps.every((next) => changeTo(next)[0] === 200)
    })
    if (found === undefined) return []
    const changeOf = (now: ReferenceBackend): ExpectedChange => {
      const row = now.find(entity.name, String(found.id)) ?? found
      const after = changedRow({ ...at, reference: now, sight: now.sightOf(user) }, row, {
        [field.name]: Number(row[field.name]) + INCREMENT_TIMES,
      })
      return { kind: 'updated', entity: entity.name, row: { ...after, version: Number(row.version) + INCREMENT_TIMES } }
    }
    const sent: SentOverHttp = {
      method: 'PATCH',
      url: `${httpRequestOf(reference.model, { kind: 'delete', entity: entity.name, id: String(found.id), version: null }).url}`,
      body: { [field.name]: { increment: 1 } },
    }
    return [
      race(entity, {
        goal: `increment-${field.name}`,
        user,
        times: INCREMENT_TIMES,
        why: 'increments that run at once are all applied',
        request: () => sent,
        one: 200,
        others: null,
        change: changeOf,
      }),
    ]
  })
}

function deleteRace(asking: PlannedWorld, entity: Entity): readonly ProbeCase[] {
  const { reference } = asking
  const base = usual(asking, entityNamed(reference.model, entity.name), 'delete')
  if (base?.request.kind !== 'delete' || endsCaller(asking, base)) return []
  const { user, request } = base
  return [
    race(entity, {
      goal: 'same-delete',
      user,
      times: DELETE_TIMES,
      why: 'a row can be deleted once',
      request: () => httpRequestOf(reference.model, request),
      one: 204,
      others: [404],
      change: (now) => expectationOf(now, user, request).change,
    }),
  ]
}
