/** Merges sketches of one document. Of two descriptions of one entity the first wins, and a difference is listed. */

import { type DataSketch, newSketch, type SketchEntity } from './sketch.ts'

/** One sketch with everything that the others say, in their order. */
export function mergeSketches(sketches: readonly DataSketch[]): DataSketch {
  const merged = newSketch()
  for (const sketch of sketches) {
    for (const entity of sketch.entities) addEntity(entity, merged)
    for (const each of sketch.enums) if (!merged.enums.some(({ name }) => bare(name) === bare(each.name))) merged.enums.push(each)
    merged.workflows.push(...sketch.workflows)
    merged.parts.push(...sketch.parts.map((part) => ({ ...part, entity: firstOf(part.entity, merged)?.name ?? part.entity })))
    merged.left.push(...sketch.left)
    merged.requirements.push(...sketch.requirements)
    merged.messages.push(...sketch.messages)
    merged.brokers.push(...sketch.brokers)
  }
  // formats write names of entities differently
  for (const { references } of merged.entities)
    for (const [i, reference] of references.entries())
      references[i] = { ...reference, target: firstOf(reference.target, merged)?.name ?? reference.target }
  return merged
}

/** Names are the same if they differ only in case, signs and the plural. */
function bare(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1')
}

function firstOf(name: string, { entities }: DataSketch): SketchEntity | undefined {
  return entities.find((entity) => bare(entity.name) === bare(name))
}

function addEntity(entity: SketchEntity, merged: DataSketch): void {
  const first = firstOf(entity.name, merged)
  if (first === undefined) return void merged.entities.push(entity)
  // a diagram may name an entity first, and describe it later
  if (first.fields.length === 0) {
    first.fields.push(...entity.fields)
    first.key = entity.key
    first.uniques.push(...entity.uniques)
    first.indexes.push(...entity.indexes)
    first.checks.push(...entity.checks)
    first.references.push(
      ...entity.references.filter((each) => !first.references.some((other) => bare(other.target) === bare(each.target))),
    )
    return
  }
  const { at } = entity
  merged.parts.push({
    kind: 'entity',
    name: entity.name,
    at,
    entity: first.name,
    column: null,
    note: `the same as on line ${first.at.line}`,
  })
  for (const field of entity.fields) {
    const name = `${entity.name}.${field.name}`
    const same = first.fields.find((each) => bare(each.name) === bare(field.name))
    if (same !== undefined) merged.parts.push({ kind: 'field', name, at: field.at, entity: first.name, column: same.name })
    else
      merged.left.push({
        kind: 'field',
        name,
        at: field.at,
        why: `${first.name} on line ${first.at.line} does not have it; write it there`,
      })
  }
  for (const reference of entity.references) {
    const isThere = first.references.some((each) => bare(each.target) === bare(reference.target))
    const columns = reference.columns.map((column) => first.fields.find((each) => bare(each.name) === bare(column))?.name)
    if (!isThere && columns.every((column) => column !== undefined))
      first.references.push({ ...reference, columns: columns.filter((each) => each !== undefined) })
  }
}
