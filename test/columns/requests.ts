/** Random reads of a design with fields of every type. */

import type { Entity, Model } from '../../src/model/model.ts'
import type { Random } from '../support/random.ts'

export interface Reading {
  /** Chooses everything but the ids of rows, so that reads with an equal `shape` share a statement. */
  readonly shape: Random
  readonly values: Random
  readonly model: Model
  /** The ids of the rows, by entity. */
  readonly ids: ReadonlyMap<string, readonly string[]>
}

/** A random address of a get or a list. */
export function randomRead({ shape: random, values, model, ids }: Reading): string {
  const idOf = (entity: string): string => values.pick(ids.get(entity) ?? ['x'])
  const entity = random.pick(model.entities)
  const parameters = selection(random, model, entity)
  if (random.chance(0.25)) return address(`/api/${entity.path}/${encodeURIComponent(idOf(entity.name))}`, parameters)
  if (random.chance(0.5)) parameters.push(['sort', sortOf(random, entity)])
  parameters.push(['page[size]', String(random.pick([1, 2, 3, 5, 8, 20, 100]))])
  const references = entity.fields.flatMap(({ name, type }) => (type.kind === 'ref' ? [[name, type.entity] as const] : []))
  if (references.length > 0 && random.chance(0.4)) {
    const [name, target] = random.pick(references)
    parameters.push([`filter[${name}][eq]`, idOf(target)])
  }
  if (random.chance(0.2)) parameters.push(['filter', random.pick(['public', '!public', 'createdAt > timestamp("2000-01-01T00:00:00Z")'])])
  if (random.chance(0.1)) parameters.push(['count', 'true'])
  return address(`/api/${entity.path}`, parameters)
}

type Parameters = [name: string, value: string][]

function address(path: string, parameters: Parameters): string {
  return parameters.length === 0 ? path : `${path}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
}

function selection(random: Random, model: Model, entity: Entity): Parameters {
  const parameters: Parameters = []
  if (random.chance(0.3)) parameters.push(['fields', someFields(random, entity)])
  const includes: string[] = []
  const visit = (of: Entity, path: readonly string[]): void => {
    for (const { name, type } of of.fields) {
      const target = type.kind === 'ref' ? model.entities.find((one) => one.name === type.entity) : undefined
      if (target === undefined || path.length > 1 || !random.chance(0.4)) continue
      const inner = [...path, name]
      includes.push(inner.join('.'))
      if (random.chance(0.3)) parameters.push([`fields[${inner.join('.')}]`, someFields(random, target)])
      visit(target, inner)
    }
    if (of.relations.length > 0 && random.chance(0.1)) includes.push([...path, random.pick(of.relations).name].join('.'))
  }
  if (random.chance(0.6)) visit(entity, [])
  if (includes.length > 0) parameters.push(['include', includes.join(',')])
  return parameters
}

function someFields(random: Random, { fields }: Entity): string {
  const names = fields.filter(({ type, system }) => type.kind !== 'password' && system !== 'deletedAt').map(({ name }) => name)
  return [...new Set([0, 1, 2, 3].map(() => random.pick(names)))].join(',')
}

/** The order of an index in one of its directions, or any field. */
function sortOf(random: Random, { indexes, fields }: Entity): string {
  if (indexes.length === 0 || random.chance(0.1)) return random.pick(fields).name
  const flip = random.chance(0.5)
  return random
    .pick(indexes)
    .parts.map(({ field, descending }) => `${descending === flip ? '' : '-'}${field}`)
    .join(',')
}
