/** Random filters in both notations, with the names in them. */

import { type Entity, entityNamed, type Field } from '../../../src/model/model.ts'
import type { AskedFilter as Filter, AskedTree as FilterTree } from '../../../src/verify/expected/abstract-request.ts'
import { conditionSource } from '../../../src/verify/expected/reference-filter.ts'
import { testOf } from '../design/random-rule.ts'
import { type Asker, randomName, rowsOf, sampleOf, strangeId } from '../design/random-value.ts'

/** No filters, or some filters together with one that an index serves. */
export function randomFilters(asker: Asker, entity: Entity): readonly Filter[] {
  const { random } = asker
  if (random.chance(0.25)) return []
  // Filters by all ids, so that an index serves the list with any other filter.
  const ids = rowsOf(asker, entity.name).map((row) => String(row.id))
  const pin: Filter = { kind: 'bracket', path: ['id'], op: 'in', value: [...ids, strangeId(random)].join(',') }
  const more = Array.from({ length: 1 + random.below(2) }, () => random.pick([randomBracket, randomExpression, randomTree])(asker, entity))
  return random.chance(0.9) ? [pin, ...more] : more
}

function randomBracket(asker: Asker, entity: Entity): Filter {
  const { random, reference } = asker
  const path: string[] = []
  let at = entity
  while (path.length < 2 && random.chance(0.3)) {
    const references = at.fields.flatMap((f) => (f.type.kind === 'ref' ? [{ name: f.name, to: f.type.entity }] : []))
    if (references.length === 0) break
    const { name, to } = random.pick(references)
    path.push(name)
    at = entityNamed(reference.model, to)
  }
  const name = randomName(asker, at)
  const field = at.fields.find((f) => f.name === name)
  if (field === undefined) throw new Error(`no field ${name}`)
  return { kind: 'bracket', path: [...path, name], ...operation(asker, field) }
}

function operation(asker: Asker, field: Field): Pick<Extract<Filter, { kind: 'bracket' }>, 'op' | 'value'> {
  const { random } = asker
  if (random.chance(0.15)) return { op: 'isNull', value: random.pick(['true', 'false']) }
  if (field.type.kind === 'list') return { op: 'contains', value: random.pick(['apple', 'berry', 'cedar']) }
  const value = () => String(sampleOf(asker, field) ?? 'x')
  const textual = field.type.kind === 'choice' || (field.type.kind === 'scalar' && ['text', 'email'].includes(field.type.scalar))
  const op = random.pick(
    textual
      ? (['eq', 'ne', 'in', 'nin', 'contains', 'startsWith', 'endsWith', 'lt'] as const)
      : (['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin'] as const),
  )
  if (op === 'in' || op === 'nin') return { op, value: [value(), value()].join(',') }
  return { op, value: value() }
}

type Named = (readonly [entity: string, name: string])[]

/** A random expression like those of clients, with the names in it. */
function randomExpression(asker: Asker, entity: Entity): Filter {
  const names: Named = []
  return { kind: 'expression', source: condition(asker, { entity, prefix: '', depth: 2, steps: 2, names }), names }
}

interface Place {
  readonly entity: Entity
  readonly prefix: string
  readonly depth: number
  readonly steps: number
  readonly names: Named
}

function condition(asker: Asker, place: Place): string {
  const { random } = asker
  const inner = () => condition(asker, { ...place, depth: place.depth - 1 })
  if (place.depth > 0 && random.chance(0.5)) {
    return random.pick([
      () => `(${inner()} && ${inner()})`,
      () => `(${inner()} || ${inner()})`,
      () => `!(${inner()})`,
      () => `(${inner()} ? ${inner()} : ${inner()})`,
    ])()
  }
  if (place.steps > 0 && random.chance(0.3)) return overRelation(asker, place)
  if (place.steps > 0 && random.chance(0.3)) return overReference(asker, place)
  return aboutField(asker, place)
}

function aboutField(asker: Asker, { entity, prefix, names }: Place): string {
  const { random, reference } = asker
  const own = reference.design.entities[entity.name]?.fields ?? {}
  const name = randomName(asker, entity)
  const authored = own[name]
  names.push([entity.name, authored === undefined || authored.type === 'password' ? 'id' : name])
  if (authored === undefined || authored.type === 'password') return `${prefix}id != null`
  if (authored.type === 'ref' && random.chance(0.5)) return `${prefix}${name} == auth.id`
  return testOf(random, `${prefix}${name}`, authored)
}

function overRelation(asker: Asker, place: Place): string {
  const { random, reference } = asker
  const { entity, prefix, names, steps } = place
  if (entity.relations.length === 0) return aboutField(asker, place)
  const relation = random.pick(entity.relations)
  names.push([entity.name, relation.name])
  if (random.chance(0.25)) return `size(${prefix}${relation.name}) > ${random.below(3)}`
  const row = `x${prefix.length}`
  const inside: Place = { entity: entityNamed(reference.model, relation.entity), prefix: `${row}.`, depth: 1, steps: steps - 1, names }
  return `${prefix}${relation.name}.${random.pick(['exists', 'all'])}(${row}, ${condition(asker, inside)})`
}

function overReference(asker: Asker, place: Place): string {
  const { random, reference } = asker
  const { entity, prefix, names, steps } = place
  const references = entity.fields.flatMap((f) => (f.type.kind === 'ref' ? [{ name: f.name, to: f.type.entity }] : []))
  if (references.length === 0) return aboutField(asker, place)
  const { name, to } = random.pick(references)
  names.push([entity.name, name])
  const target = entityNamed(reference.model, to)
  if (random.chance(0.2)) {
    names.push([to, 'id'])
    return `${prefix}${name}.id == auth.id`
  }
  return condition(asker, { entity: target, prefix: `${prefix}${name}.`, depth: 0, steps: steps - 1, names })
}

/** The names in an expression and its tree, without its text. */
interface Made {
  readonly tree: FilterTree
  readonly source: string
}

/** A filter of several parts, with the equal expression. */
function randomTree(asker: Asker, entity: Entity): Filter {
  const names: Named = []
  return { kind: 'expression', ...part(asker, { entity, prefix: '', depth: 2, steps: 2, names }), names }
}

function part(asker: Asker, place: Place): Made {
  const { random } = asker
  const inner = () => part(asker, { ...place, depth: place.depth - 1 })
  if (place.depth > 0 && random.chance(0.5)) {
    const kind = random.pick(['and', 'or', 'not'] as const)
    if (kind === 'not') {
      const { tree, source } = inner()
      return { tree: { kind, of: tree }, source: `!(${source})` }
    }
    const parts = [inner(), inner()]
    return {
      tree: { kind, of: parts.map((one) => one.tree) },
      source: `(${parts.map((one) => one.source).join(kind === 'and' ? ' && ' : ' || ')})`,
    }
  }
  const related = place.steps > 0 && random.chance(0.5) ? random.pick([partAt, partAmong])(asker, place) : null
  return related ?? partOf(asker, place)
}

function partOf(asker: Asker, { entity, prefix, names }: Place): Made {
  const name = randomName(asker, entity)
  const field = entity.fields.find((one) => one.name === name)
  if (field === undefined) throw new Error(`no field ${name}`)
  names.push([entity.name, name])
  const condition = operation(asker, field)
  return { tree: { kind: 'condition', field: name, ...condition }, source: conditionSource(field, `${prefix}${name}`, condition) }
}

function partAt(asker: Asker, place: Place): Made | null {
  const { entity, prefix, names, steps } = place
  const references = entity.fields.flatMap((f) => (f.type.kind === 'ref' ? [{ name: f.name, to: f.type.entity }] : []))
  if (references.length === 0) return null
  const { name, to } = asker.random.pick(references)
  names.push([entity.name, name])
  const target = entityNamed(asker.reference.model, to)
  const { tree, source } = part(asker, { ...place, entity: target, prefix: `${prefix}${name}.`, depth: 1, steps: steps - 1 })
  return { tree: { kind: 'at', reference: name, of: tree }, source }
}

function partAmong(asker: Asker, place: Place): Made | null {
  const { entity, prefix, names, steps } = place
  if (entity.relations.length === 0) return null
  const relation = asker.random.pick(entity.relations)
  names.push([entity.name, relation.name])
  const row = `y${prefix.length}`
  const target = entityNamed(asker.reference.model, relation.entity)
  const { tree, source } = part(asker, { ...place, entity: target, prefix: `${row}.`, depth: 1, steps: steps - 1 })
  const kind = asker.random.pick(['some', 'every', 'none'] as const)
  const quantified = `${prefix}${relation.name}.${kind === 'every' ? 'all' : 'exists'}(${row}, ${source})`
  return { tree: { kind, relation: relation.name, of: tree }, source: kind === 'none' ? `!(${quantified})` : quantified }
}
