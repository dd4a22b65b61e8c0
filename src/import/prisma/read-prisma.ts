/** Reads a Prisma schema into a sketch. */

import { type DataSketch, newEntity, newSketch, type SketchEntity, type SketchReference } from '../sketch/sketch.ts'
import type { SourcePlace, SourceText } from '../text/source-file.ts'
import { importTokens, type Token, tokenReader } from '../text/tokens.ts'
import { argument, attributeCalled, attributesOf, fieldList, type PrismaAttribute, wordOf } from './attributes.ts'
import { prismaType } from './fields.ts'

/** A field of a model. */
interface PrismaField {
  readonly name: string
  readonly type: string
  readonly isList: boolean
  readonly isOptional: boolean
  readonly attributes: readonly PrismaAttribute[]
  readonly description: string
  readonly at: SourcePlace
}

/** A model, type, view or enum. */
interface PrismaBlock {
  readonly kind: string
  readonly name: string
  readonly body: readonly Token[]
  readonly at: SourcePlace
}

/** Reads a schema. @throws ImportError for what is too large or too deep. */
export function readPrisma(source: SourceText): DataSketch {
  const sketch = newSketch()
  const blocks = blocksOf(source)
  const models = new Map(blocks.filter(({ kind }) => kind === 'model').map((block) => [block.name, fieldsOf(block)]))
  for (const block of blocks) {
    const { kind, name, at } = block
    if (kind === 'enum') sketch.enums.push({ name, values: [...valuesOf(block)], at })
    else if (kind === 'model') readModel(block, models, sketch)
    else if (kind === 'view') sketch.left.push({ kind, name, at, why: 'a list with a filter, a computed field or an action answers it' })
    else if (kind === 'type') sketch.left.push({ kind, name, at, why: 'write an entity, or a json field' })
  }
  addManyToMany(models, sketch)
  return sketch
}

function blocksOf(source: SourceText): readonly PrismaBlock[] {
  const reader = tokenReader(importTokens(source))
  const blocks: PrismaBlock[] = []
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind !== 'word') continue
    const name = reader.peek()
    if (name?.kind !== 'word') continue
    reader.next()
    if (reader.take('{')) blocks.push({ kind: token.value, name: name.value, body: reader.block('{', '}'), at: token.at })
  }
  return blocks
}

function* linesOf(body: readonly Token[]): Generator<readonly Token[]> {
  const reader = tokenReader(body)
  while (reader.peek() !== undefined) yield reader.line()
}

function* valuesOf({ body }: PrismaBlock): Generator<string> {
  for (const [first] of linesOf(body)) if (first?.kind === 'word') yield first.value
}

interface PrismaModel {
  readonly fields: readonly PrismaField[]
  readonly attributes: readonly PrismaAttribute[]
}

function fieldsOf({ body }: PrismaBlock): PrismaModel {
  const fields: PrismaField[] = []
  const attributes: PrismaAttribute[] = []
  let description: string[] = []
  for (const line of linesOf(body)) {
    const [first, second] = line
    if (first?.kind === 'comment' && first.value.startsWith('///')) description.push(first.value.slice(3).trim())
    else if (first?.kind === 'word' && second?.kind === 'word') {
      const signs = line.slice(2).map(({ kind, value }) => (kind === 'sign' ? value : ' '))
      const rest = signs.join('')
      const isList = rest.startsWith('[]')
      const isOptional = rest.startsWith('?') || rest.startsWith('[]?')
      fields.push({
        name: first.value,
        type: second.value,
        isList,
        isOptional,
        attributes: attributesOf(line.slice(2)),
        description: description.join(' '),
        at: first.at,
      })
      description = []
    } else if (first?.kind === 'sign' && first.value === '@') {
      attributes.push(...attributesOf(line))
      description = []
    } else if (first !== undefined) description = []
  }
  return { fields, attributes }
}

function readModel({ name, at }: PrismaBlock, models: ReadonlyMap<string, PrismaModel>, sketch: DataSketch): void {
  const model = models.get(name)
  if (model === undefined) return
  const { fields, attributes } = model
  if (attributeCalled(attributes, 'ignore') !== undefined)
    return void sketch.left.push({ kind: 'entity', name, at, why: 'Prisma ignores it (@@ignore)' })
  const mapped = wordOf(argument(attributeCalled(attributes, 'map'), 'name', 0))
  const entity = newEntity(name, at, mapped ?? null)
  sketch.entities.push(entity)
  for (const field of fields) {
    if (models.has(field.type)) addRelation(entity, field, { models, sketch })
    else addField(entity, field, sketch)
  }
  addModelAttributes(entity, attributes, sketch)
}

function addField(entity: SketchEntity, field: PrismaField, sketch: DataSketch): void {
  const { name, attributes, at } = field
  const leave = (kind: string, why: string): void => void sketch.left.push({ kind, name: `${entity.name}.${name}`, at, why })
  if (attributeCalled(attributes, 'ignore') !== undefined) return void leave('field', 'Prisma ignores it (@ignore)')
  const made = prismaType(field.type, field.isList, attributes)
  if (made.kind === 'none') return void leave('field', made.why)
  if (made.lost !== undefined) leave('default', made.lost)
  const unique = attributeCalled(attributes, 'unique')
  entity.fields.push({
    ...{ name, at, type: made.type, optional: field.isOptional, unique: unique !== undefined },
    ...(field.description === '' ? {} : { description: field.description }),
    ...(made.note === undefined ? {} : { note: made.note }),
  })
  if (attributeCalled(attributes, 'id') !== undefined) entity.key = { columns: [name], at }
  if (unique !== undefined)
    sketch.parts.push({ kind: 'unique', name: `${entity.name}(${name})`, at: unique.at, entity: entity.name, column: name })
}

const ON_DELETE: Readonly<Record<string, SketchReference['onDelete']>> = {
  Cascade: 'cascade',
  SetNull: 'setNull',
  Restrict: 'restrict',
  NoAction: 'restrict',
}

interface Relating {
  readonly models: ReadonlyMap<string, PrismaModel>
  readonly sketch: DataSketch
}

/** The side of a relation that holds the column becomes a reference; the other side is its inverse. */
function addRelation(entity: SketchEntity, field: PrismaField, { models, sketch }: Relating): void {
  const relation = attributeCalled(field.attributes, 'relation')
  const columns = fieldList(argument(relation, 'fields'))
  const other = oppositeOf(entity.name, field, models)
  if (columns.length === 0) {
    const isHeld = other !== undefined && fieldList(argument(attributeCalled(other.attributes, 'relation'), 'fields')).length > 0
    const { name, at } = field
    if (isHeld) sketch.parts.push({ kind: 'inverse', name: `${entity.name}.${name}`, at, entity: entity.name, column: null })
    else if (!field.isList || other?.isList !== true)
      sketch.left.push({ kind: 'reference', name: `${entity.name}.${name}`, at, why: 'its other side has no column; write a ref' })
    return
  }
  const onDelete = wordOf(argument(relation, 'onDelete'))
  entity.references.push({
    columns,
    target: field.type,
    targetColumns: fieldList(argument(relation, 'references')),
    onDelete: onDelete === undefined ? (field.isOptional ? 'setNull' : null) : (ON_DELETE[onDelete] ?? null),
    name: field.name,
    inverse: other?.name ?? null,
    optional: field.isOptional,
    unique: other !== undefined && !other.isList,
    at: field.at,
  })
}

/** The field of the other model that is the same relation. */
function oppositeOf(model: string, field: PrismaField, models: ReadonlyMap<string, PrismaModel>): PrismaField | undefined {
  const name = wordOf(argument(attributeCalled(field.attributes, 'relation'), 'name', 0))
  return models
    .get(field.type)
    ?.fields.find(
      (other) =>
        other.type === model && other !== field && wordOf(argument(attributeCalled(other.attributes, 'relation'), 'name', 0)) === name,
    )
}

function addModelAttributes(entity: SketchEntity, attributes: readonly PrismaAttribute[], sketch: DataSketch): void {
  for (const attribute of attributes) {
    const { at } = attribute
    const columns = fieldList(argument(attribute, 'fields', 0))
    const name = `${entity.name}(${columns.map((column) => column.replace(/^-/, '')).join(', ')})`
    switch (attribute.name) {
      case 'id':
        entity.key = { columns, at }
        break
      case 'unique':
        entity.uniques.push({ name, columns, where: null, at })
        break
      case 'index': {
        const type = wordOf(argument(attribute, 'type'))
        if (type === undefined || type === 'BTree' || type === 'Hash') entity.indexes.push({ name, columns, where: null, at })
        else sketch.left.push({ kind: 'index', name, at, why: `an index of kind ${type}; search: [fields] is a full text search` })
        break
      }
      case 'fulltext':
        sketch.left.push({ kind: 'index', name, at, why: 'write search: [fields] in the entity' })
        break
      default:
        break
    }
  }
}

/** A many-to-many relation without a model becomes an entity with two references. */
function addManyToMany(models: ReadonlyMap<string, PrismaModel>, sketch: DataSketch): void {
  for (const [name, { fields }] of models)
    for (const field of fields) {
      const other = models.has(field.type) && field.isList ? oppositeOf(name, field, models) : undefined
      // each pair once; of a relation to itself, the field that comes first
      const isFirst = name < field.type || (name === field.type && other !== undefined && field.name < other.name)
      if (other?.isList !== true || !isFirst || fieldList(argument(attributeCalled(field.attributes, 'relation'), 'fields')).length > 0)
        continue
      const link = newEntity(`${name}${field.type}`, field.at)
      const side = (to: string, as: string, inverse: string): SketchReference => ({
        ...{ columns: [], target: to, targetColumns: null, onDelete: 'cascade', optional: false, unique: false, at: field.at },
        ...{ name: as, inverse },
      })
      const isSelf = name === field.type
      link.references.push(
        side(name, isSelf ? other.name : lowerFirst(name), field.name),
        side(field.type, isSelf ? field.name : lowerFirst(field.type), other.name),
      )
      link.uniques.push({ name: link.name, columns: link.references.map(({ name: as }) => as ?? ''), where: null, at: field.at })
      sketch.entities.push(link)
      sketch.parts.push({
        kind: 'inverse',
        name: `${field.type}.${other.name}`,
        at: other.at,
        entity: link.name,
        column: null,
        note: 'an entity of its own',
      })
    }
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`
}
