/** The entities of a draft and their names. */

import { tableNameFor } from '../../model/names/database-names.ts'
import { kebabCase, RESERVED_PATHS } from '../../model/names/derived-names.ts'
import { type DataSketch, newEntity, type SketchEntity } from '../sketch/sketch.ts'
import type { SourcePlace } from '../text/source-file.ts'
import { carry, type Draft, type DraftEntity, type Drafting, type NamedEntity } from './draft.ts'
import { entityName, untakenName } from './names.ts'

/** The most entities of a design. */
const MAX_ENTITIES = 500

/** Names the entities of a sketch, and adds them to the draft without their fields. */
export function nameEntities(sketch: DataSketch, draft: Draft): NamedEntity[] {
  const taken = new Set<string>()
  const tables = new Set<string>()
  return sketch.entities.flatMap((entity): readonly NamedEntity[] => {
    const object = { kind: 'entity', name: entity.name, at: entity.at }
    if (taken.size >= MAX_ENTITIES) {
      draft.left.push({ ...object, why: `a design has at most ${MAX_ENTITIES} entities; import the parts into several designs` })
      return []
    }
    const name = untakenName(entityName(lastName(entity.name)), taken)
    const table = tableOf(entity, name, tables)
    const made = addEntity(entity, { name, table }, draft)
    carry(draft, ['entities', name], object)
    return [made]
  })
}

/** Adds an entity that the source does not have. */
export function newNamedEntity(wanted: string, at: SourcePlace, { draft, entities }: Drafting): NamedEntity {
  const name = untakenName(entityName(wanted), new Set(Object.keys(draft.design.entities)))
  const made = addEntity(newEntity(name, at), { name, table: null }, draft)
  entities.push(made)
  return made
}

function addEntity(
  sketch: SketchEntity,
  { name, table }: { readonly name: string; readonly table: string | null },
  draft: Draft,
): NamedEntity {
  const design: DraftEntity = { fields: {} }
  if (sketch.description !== undefined) design.description = sketch.description
  const path = kebabCase(tableNameFor(name))
  if (RESERVED_PATHS.has(path)) design.path = `${path}-list`
  if (table !== null) design.table = table
  draft.design.entities[name] = design
  return { name, sketch, design, names: new Map(), taken: new Set() }
}

/** The name without its schema. */
function lastName(name: string): string {
  return name.split('.').at(-1) ?? name
}

/** The name of the table, where it is not the usual one; null where it is, or where it is taken. */
function tableOf(entity: SketchEntity, name: string, tables: Set<string>): string | null {
  const usual = tableNameFor(name)
  const wanted = entity.table ?? usual
  const free = tables.has(wanted) || /^(?:pg_|call$)/.test(wanted) ? usual : wanted
  tables.add(free)
  return free === usual ? null : free
}
