/** Random requests that a client of a random design could send: mostly with names and rows that exist for it, sometimes with others. */

import { type Entity, entityNamed, type Field } from '../../../src/model/model.ts'
import {
  type AbstractRequest,
  ALL,
  type Selected,
  type SortKey,
  type BodyValues as Values,
} from '../../../src/verify/expected/abstract-request.ts'
import { type AccessRule as Rule, ruleOf } from '../../../src/verify/expected/written-design.ts'
import { type Asker, randomId, randomName, rowsOf, sampleOf } from '../design/random-value.ts'
import { randomFilters } from './random-filter.ts'

export type RequestKind = AbstractRequest['kind']

/** A request of a kind. */
export function randomRequest(asker: Asker, kind: RequestKind): AbstractRequest {
  const { random, reference } = asker
  const entity = randomEntity(asker, kind)
  switch (kind) {
    case 'get':
      return randomGet(asker, entity)
    case 'list':
      return randomList(asker, entity)
    case 'create': {
      if (entity.name === reference.model.identity?.entity && random.chance(0.3))
        return { kind, entity: entity.name, by: 'register', many: false, rows: [randomBody(asker, entity, 'create')], selected: ALL }
      const many = random.chance(0.25)
      const rows = Array.from({ length: many ? 1 + random.below(3) : 1 }, () => randomBody(asker, entity, 'create'))
      return { kind, entity: entity.name, many, rows, selected: shallow(asker, entity) }
    }
    case 'update': {
      const mode = random.chance(0.3) ? 'put' : 'patch'
      const id = randomTarget(asker, entity.name, 'update.from')
      const body = mode === 'put' ? { ...readBack(asker, entity, id), ...randomBody(asker, entity, mode) } : randomBody(asker, entity, mode)
      return { kind, entity: entity.name, mode, id, body, version: randomVersion(asker, entity, id), selected: shallow(asker, entity) }
    }
    case 'delete': {
      const id = randomTarget(asker, entity.name, 'delete')
      if (asker.kept.has(id)) return randomRequest(asker, kind)
      return { kind, entity: entity.name, id, version: randomVersion(asker, entity, id) }
    }
  }
}

/** Mostly an entity whose rules are not closed to the caller. */
function randomEntity({ random, reference, sight }: Asker, kind: RequestKind): Entity {
  const { entities } = reference.model
  const rules = NEEDED[kind]
  const open = entities.filter(({ name }) => rules.every((rule) => sight.kind.mayHold(name, rule)))
  return random.pick(open.length > 0 && random.chance(0.85) ? open : entities)
}

const NEEDED: Readonly<Record<RequestKind, readonly Rule[]>> = {
  get: ['read'],
  list: ['read'],
  create: ['create'],
  update: ['read', 'update.from', 'update.to'],
  delete: ['read', 'delete'],
}

/** Often a row for which the rule is true, so that later checks are tested, too. */
function randomTarget(asker: Asker, entity: string, rule: Rule): string {
  const { random, reference, sight } = asker
  const source = ruleOf(reference.design.entities[entity], rule)
  const good = random.chance(0.6) ? rowsOf(asker, entity).filter((row) => sight.sees(entity, row) && sight.holds(entity, source, row)) : []
  return good.length > 0 ? String(random.pick(good).id) : randomId(asker, entity)
}

function randomGet(asker: Asker, entity: Entity): AbstractRequest {
  const { random, sight, reference } = asker
  const me = sight.caller.claims.get('id') ?? null
  const identity = reference.model.identity?.entity ?? ''
  if (me !== null && random.chance(0.1)) return { kind: 'get', entity: identity, id: String(me), selected: ALL, by: 'me' }
  const id = randomId(asker, entity.name)
  return {
    kind: 'get',
    entity: entity.name,
    id,
    selected: randomSelection(asker, entity, 2),
    ...(random.chance(0.1) ? { by: 'head' } : {}),
  }
}

function randomVersion(asker: Asker, entity: Entity, id: string): number | null {
  const { random, reference } = asker
  if (random.chance(0.7)) return null
  const version = Number(reference.find(entity.name, id)?.version ?? 1)
  return random.chance(0.6) ? version : version + 1
}

/** Related rows of one level in the answer of a write. */
function shallow(asker: Asker, entity: Entity): Selected {
  return asker.random.chance(0.6) ? ALL : randomSelection(asker, entity, 1)
}

function randomSelection(asker: Asker, entity: Entity, depth: number): Selected {
  const { random, reference } = asker
  const fields = random.chance(0.75) ? null : [...new Set([0, 1, 2].map(() => randomName(asker, entity)))]
  const steps = [
    ...entity.fields.flatMap((f) => (f.type.kind === 'ref' ? [{ name: f.name, to: f.type.entity }] : [])),
    ...entity.relations.map((r) => ({ name: r.name, to: r.entity })),
  ]
  const include = new Map<string, Selected>()
  for (const { name, to } of steps) {
    if (depth > 0 && random.chance(0.25)) include.set(name, randomSelection(asker, entityNamed(reference.model, to), depth - 1))
  }
  return { fields, include }
}

function randomList(asker: Asker, entity: Entity): AbstractRequest {
  const { random, reference } = asker
  const searched = reference.design.entities[entity.name]?.search !== undefined
  const selected = random.chance(0.6) ? ALL : randomSelection(asker, entity, 2)
  return {
    kind: 'list',
    entity: entity.name,
    filters: randomFilters(asker, entity),
    sort: randomSort(asker, entity),
    size: random.pick([1, 2, 3, 5, 20, 100]),
    search: random.chance(searched ? 0.25 : 0.02) ? random.pick(['apple', 'berry', 'cedar apple', 'draft', 'nothing']) : null,
    count: random.chance(0.5),
    selected,
  }
}

/** An order that an index of the design has, or any. */
function randomSort(asker: Asker, entity: Entity): readonly SortKey[] {
  const { random, reference } = asker
  if (random.chance(0.4)) return []
  const ordered = (name: string) => entity.fields.find((f) => f.name === name)?.type.kind !== 'list'
  const indexes = (reference.design.entities[entity.name]?.indexes ?? []).filter((index) => index.every(ordered))
  if (indexes.length === 0 || random.chance(0.1)) {
    const name = randomName(asker, entity)
    return ordered(name) ? [{ name, descending: random.chance(0.5) }] : []
  }
  const flip = random.chance(0.5)
  return random.pick(indexes).map((part) => ({ name: part.replace('-', ''), descending: part.startsWith('-') !== flip }))
}

function randomBody(asker: Asker, entity: Entity, operation: 'create' | 'patch' | 'put'): Values {
  const { random, sight } = asker
  const writable = sight.kind.writable(entity.name)
  const body: Record<string, unknown> = {}
  for (const field of entity.fields) {
    if (field.system !== null || field.type.kind === 'computed') continue
    if (!writable.has(field.name) || (field.immutable && operation !== 'create')) {
      if (random.chance(0.03)) body[field.name] = sampleOf(asker, field)
      continue
    }
    const required = !field.optional && field.default === null && operation !== 'patch'
    if (field.type.kind === 'password') {
      if (operation === 'create') body[field.name] = sampleOf(asker, field)
    } else if (required ? random.chance(0.98) : random.chance(operation === 'patch' ? 0.3 : 0.5)) {
      body[field.name] = field.optional && random.chance(0.25) ? null : random.chance(0.02) ? { wrong: true } : sentValue(asker, field)
    }
  }
  if (random.chance(0.02)) body[random.pick(['nothing', 'id', 'createdAt', 'version'])] = 1
  return body
}

/** Sometimes values that a read of the row gives and that the caller cannot set. A replacement may contain them. */
function readBack({ random, reference, sight }: Asker, entity: Entity, id: string): Values {
  const row = reference.find(entity.name, id)
  if (row === undefined || !random.chance(0.3) || !sight.sees(entity.name, row)) return {}
  const writable = sight.kind.writable(entity.name)
  const shown = Object.entries(sight.show(entity.name, row, ALL))
  return Object.fromEntries(shown.filter(([name]) => (!writable.has(name) || isImmutable(entity, name)) && random.chance(0.5)))
}

function isImmutable({ fields }: Entity, name: string): boolean {
  return fields.some((field) => field.name === name && field.immutable)
}

/** References mostly lead to the caller, or to rows that may be read. */
function sentValue(asker: Asker, field: Field): unknown {
  const { random, sight } = asker
  const { type } = field
  if (type.kind !== 'ref') return sampleOf(asker, field)
  const me = sight.caller.claims.get('id')
  if (type.entity === asker.reference.model.identity?.entity && me !== undefined && me !== null && random.chance(0.6)) return me
  const seen = rowsOf(asker, type.entity).filter((row) => sight.sees(type.entity, row))
  return seen.length > 0 && random.chance(0.7) ? random.pick(seen).id : sampleOf(asker, field)
}
