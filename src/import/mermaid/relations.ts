/** The relations of a diagram, and the attributes that hold them. */

import { type DataSketch, newEntity, type SketchEntity, type SketchField } from '../sketch/sketch.ts'
import type { SourcePlace } from '../text/source-file.ts'

/** A line between two entities. */
export interface DiagramRelation {
  readonly left: SketchEntity
  readonly leftSign: string
  readonly rightSign: string
  readonly right: SketchEntity
  readonly label: string
  readonly at: SourcePlace
}

/** Adds a reference for each relation, with the foreign key that fits it; and for each other foreign key that names an entity. */
export function addReferences(
  relations: readonly DiagramRelation[],
  foreign: ReadonlyMap<SketchEntity, readonly SketchField[]>,
  sketch: DataSketch,
): void {
  const used = new Set<SketchField>()
  for (const relation of relations) addRelation(relation, { foreign, used, sketch })
  for (const [entity, fields] of foreign)
    for (const field of fields) {
      const target = used.has(field) ? undefined : sketch.entities.find(({ name }) => bare(name) === withoutId(field.name))
      if (target !== undefined) entity.references.push(reference(target, field, { optional: field.optional, unique: false, at: field.at }))
    }
}

interface Linking {
  readonly foreign: ReadonlyMap<SketchEntity, readonly SketchField[]>
  readonly used: Set<SketchField>
  readonly sketch: DataSketch
}

function isMany(sign: string): boolean {
  return /[{}]/.test(sign)
}

function addRelation({ left, leftSign, rightSign, right, label, at }: DiagramRelation, { foreign, used, sketch }: Linking): void {
  const [leftMany, rightMany] = [isMany(leftSign), isMany(rightSign)]
  if (leftMany && rightMany) {
    const link = newEntity(`${left.name}_${right.name}`, at)
    const isSelf = left === right
    link.references.push(side(left, isSelf ? 'one' : null, at), side(right, isSelf ? 'other' : null, at))
    sketch.entities.push(link)
    return
  }
  const holdsLeft =
    leftMany || (!rightMany && keyFor(left, right, { foreign, used }) !== undefined && keyFor(right, left, { foreign, used }) === undefined)
  const [holder, target, sign] = holdsLeft ? [left, right, rightSign] : [right, left, leftSign]
  const field = keyFor(holder, target, { foreign, used })
  if (field !== undefined) used.add(field)
  const optional = sign.includes('o')
  if (field !== undefined && optional) field.optional = true
  const made = reference(target, field, { optional, unique: !leftMany && !rightMany, at })
  const isNamed = field === undefined && holder === target && label !== ''
  holder.references.push(isNamed ? { ...made, name: label } : made)
}

interface How {
  readonly optional: boolean
  readonly unique: boolean
  readonly at: SourcePlace
}

function reference(target: SketchEntity, field: SketchField | undefined, how: How): SketchEntity['references'][number] {
  return {
    columns: field === undefined ? [] : [field.name],
    target: target.name,
    targetColumns: null,
    onDelete: null,
    name: null,
    inverse: null,
    ...how,
  }
}

function side(target: SketchEntity, name: string | null, at: SourcePlace): SketchEntity['references'][number] {
  return { ...reference(target, undefined, { optional: false, unique: false, at }), name, onDelete: 'cascade' }
}

/** The foreign key of an entity that leads to another: by its name, else the only one that is left. */
function keyFor(holder: SketchEntity, target: SketchEntity, { foreign, used }: Omit<Linking, 'sketch'>): SketchField | undefined {
  const marked = (foreign.get(holder) ?? []).filter((field) => !used.has(field))
  // many leave out the mark
  const like = holder.fields.filter(({ name }) => /[_-]id$|[a-z]I[dD]$/.test(name) && withoutId(name) === bare(target.name))
  const free = [...marked, ...like.filter((field) => !used.has(field) && !marked.includes(field) && !isKey(holder, field))]
  const name = bare(target.name)
  const named = free.find((field) => withoutId(field.name) === name) ?? free.find((field) => withoutId(field.name).endsWith(name))
  const last = name.split('_').at(-1) ?? name
  return named ?? free.find((field) => withoutId(field.name).endsWith(last)) ?? (marked.length === 1 ? marked[0] : undefined)
}

function isKey({ key }: SketchEntity, { name }: SketchField): boolean {
  return key?.columns.includes(name) === true
}

/** A name without case, signs and a plural: `ORDER-ITEMS` → `orderitem`. */
function bare(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1')
}

function withoutId(name: string): string {
  return bare(name.replace(/_?(?:id|uuid|fk)$/i, ''))
}
