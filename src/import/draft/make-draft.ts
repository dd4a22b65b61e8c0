/** Makes a design of a sketch. */

import type { DataSketch, SketchEntity, SketchEnum, SketchField } from '../sketch/sketch.ts'
import { addConstraints } from './constraints.ts'
import { carry, type Draft, type DraftField, type Drafting, designField, entityCalled, type NamedEntity } from './draft.ts'
import { addFields, resolvedType } from './fields.ts'
import { addIdentity } from './identity.ts'
import { addMessages } from './messages.ts'
import { nameEntities } from './named-entities.ts'
import { addInverses, referencePlans } from './references.ts'
import { addRequirements } from './requirements.ts'
import { addWorkflows } from './workflows.ts'

/** The most fields of an entity. */
const MAX_FIELDS = 250

/** A draft, and the entities of which a person has to say which one signs in. */
export interface MadeDraft {
  readonly draft: Draft
  readonly accounts: readonly string[]
  /** The entities with their names. */
  readonly entities: readonly NamedEntity[]
}

/** Makes the draft of a design with this name. The same sketch always gives the same draft. */
export function makeDraft(sketch: DataSketch, name: string): MadeDraft {
  const draft: Draft = { design: { name, entities: {} }, carried: [], left: [...sketch.left], sources: new Map() }
  for (const entity of sketch.entities) limitFields(entity, draft)
  const drafting: Drafting = { sketch, draft, entities: nameEntities(sketch, draft), enums: enumsOf(sketch) }
  const plans = drafting.entities.map((entity) => ({ entity, references: referencePlans(entity, drafting) }))
  for (const { entity, references } of plans) addFields(entity, references, drafting)
  for (const { entity, references } of plans) addInverses(entity, references)
  for (const { entity } of plans) addConstraints(entity, drafting)
  carryEnums(drafting)
  carryParts(drafting)
  addWorkflows(drafting)
  addMessages(drafting)
  addRequirements(drafting)
  return { draft, accounts: addIdentity(draft), entities: drafting.entities }
}

/** Leaves out the fields, and then the references without columns, for which an entity has no room. */
function limitFields({ name, fields, references }: SketchEntity, draft: Draft): void {
  const why = `an entity has at most ${MAX_FIELDS} fields`
  for (const field of fields.splice(MAX_FIELDS)) draft.left.push({ kind: 'field', name: `${name}.${field.name}`, at: field.at, why })
  const bare = references.filter(({ columns }) => columns.length === 0)
  const surplus = new Set(bare.slice(MAX_FIELDS - fields.length))
  if (surplus.size === 0) return
  for (const { target, at } of surplus) draft.left.push({ kind: 'reference', name: `${name} to ${target}`, at, why })
  references.splice(0, references.length, ...references.filter((each) => !surplus.has(each)))
}

/** The enums by their names in lower case; of several of one name, the first. */
function enumsOf({ enums }: DataSketch): ReadonlyMap<string, SketchEnum> {
  return new Map(enums.toReversed().map((each) => [each.name.toLowerCase(), each]))
}

/** An enum is carried over if a field has its values. */
function carryEnums({ sketch, draft, entities, enums }: Drafting): void {
  const users = new Map<string, { readonly entity: NamedEntity; readonly field: SketchField }>()
  for (const entity of entities)
    for (const field of entity.sketch.fields) {
      const name = namesEnum(field.type)
      if (name !== null && !users.has(name) && entity.names.has(field.name)) users.set(name, { entity, field })
    }
  for (const each of sketch.enums) {
    const object = { kind: 'enum', name: each.name, at: each.at }
    const user = users.get(each.name.toLowerCase())
    const called = user?.entity.names.get(user.field.name)
    if (user === undefined || called === undefined) draft.left.push({ ...object, why: 'no field has these values' })
    else if (!isChoice(resolvedType(user.field.type, enums).field))
      draft.left.push({ ...object, why: 'these values are no choice of the language' })
    else carry(draft, ['entities', user.entity.name, 'fields', called], object)
  }
}

/** Whether a type is a choice, or a list of choices. */
function isChoice({ type, of }: DraftField): boolean {
  return type === 'choice' || (typeof of === 'object' && of !== null && 'type' in of && of.type === 'choice')
}

function carryParts({ sketch, draft, entities }: Drafting): void {
  for (const { entity: of, column, ...part } of sketch.parts) {
    const entity = entityCalled(entities, of)
    const field = entity === undefined || column === null ? undefined : designField(entity, column)
    if (entity === undefined || (column !== null && field === undefined))
      draft.left.push({ ...part, why: `${column ?? of} was not carried over` })
    else {
      const isField = field !== undefined && entity.design.fields[field] !== undefined
      carry(draft, ['entities', entity.name, ...(isField ? ['fields', field] : [])], part)
    }
  }
}

function namesEnum(type: object): string | null {
  if ('type' in type && type.type === 'enum' && 'name' in type && typeof type.name === 'string') return type.name.toLowerCase()
  return 'of' in type && typeof type.of === 'object' && type.of !== null ? namesEnum(type.of) : null
}
