/** Determines the names of a design. Reports names that PostgreSQL, the API or expressions cannot use, and names that collide. */

import type { Relation } from '../../model/model.ts'
import { byteLength, columnNameFor, MAX_NAME_BYTES, snakeCase, tableNameFor } from '../../model/names/database-names.ts'
import {
  asEntityName,
  asMemberName,
  ENTITY_NAME,
  kebabCase,
  MEMBER_NAME,
  PATH_NAME,
  RESERVED_ENTITIES,
  RESERVED_MEMBERS,
  RESERVED_PATHS,
  SYSTEM_FIELDS,
} from '../../model/names/derived-names.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { EntityDesign } from '../authoring/design.ts'
import type { CheckedDesign } from '../check/check.ts'
import type { Report, ReportPlace } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { EntityOutline, FieldOutline, Outline } from './outline.ts'

/**
 * Determines all names. Entities and fields with a refused name stay in the outline, so that references to them raise no further finding.
 */
export function outlineOf(checked: CheckedDesign, report: Report): Outline {
  const relations = new Map<string, Map<string, Relation>>()
  const entities = new Map<string, EntityOutline>()
  for (const [name, design] of Object.entries(checked.design.entities)) {
    const inverses = new Map<string, Relation>()
    relations.set(name, inverses)
    entities.set(name, { ...outlineEntity(name, design, report), relations: inverses })
  }
  for (const entity of entities.values()) addInverses(entity, relations, report)
  const outline = { entities, broken: checked.broken, dropped: checked.dropped }
  refuseCollisions(outline, report)
  return outline
}

function outlineEntity(name: string, design: EntityDesign, report: Report): Omit<EntityOutline, 'relations'> {
  const at = ['entities', name]
  const isNamed = checkEntityName(name, at, report)
  const fields = new Map<string, FieldOutline>()
  for (const [fieldName, field] of Object.entries(design.fields)) {
    const place = [...at, 'fields', fieldName]
    const column = columnNameFor(fieldName, field.type === 'ref' ? 'reference' : 'plain')
    if (checkFieldName(fieldName, place, report)) checkBytes(`the column ${quote(column)}`, column, place, report)
    // a field that Plinth maintains cannot be declared; it is left out so that there is one field of the name
    if (!SYSTEM_FIELDS.has(fieldName)) fields.set(fieldName, { name: fieldName, at: place, design: field, column })
  }
  const table = design.table ?? tableNameFor(name)
  const path = design.path ?? kebabCase(tableNameFor(name))
  // names derived from a refused name raise no further finding
  if (isNamed || design.table !== undefined) checkTable(table, [...at, ...(design.table === undefined ? [] : ['table'])], report)
  if (isNamed || design.path !== undefined) checkPath(path, [...at, ...(design.path === undefined ? [] : ['path'])], report)
  return { name, at, design, table, path, idScalar: idScalarOf(design), fields }
}

function idScalarOf(design: EntityDesign): ScalarKind {
  const own = Object.hasOwn(design.fields, 'id') ? design.fields.id : undefined
  return own?.type === 'integer' || own?.type === 'text' ? own.type : 'uuid'
}

/** False when the name is refused. */
function checkEntityName(name: string, at: Path, report: Report): boolean {
  if (!ENTITY_NAME.test(name)) {
    report.add('PLN-D201', at, `${quote(name)} is not a name for an entity`, `write it like ${asEntityName(name)}`)
  } else if (byteLength(name) > MAX_NAME_BYTES) {
    report.add('PLN-D204', at, `the name has ${byteLength(name)} bytes; at most ${MAX_NAME_BYTES} are possible`)
  } else if (RESERVED_ENTITIES.has(name)) {
    report.add('PLN-D202', at, `${quote(name)} is a type of GraphQL itself`, 'choose another name')
  } else return true
  return false
}

/** Reports a name that no shape may have. */
export function checkShapeName(name: string, { at, report }: ReportPlace): void {
  if (!ENTITY_NAME.test(name)) report.add('PLN-D201', at, `${quote(name)} is not a name for a shape`, `write it like ${asEntityName(name)}`)
  else if (byteLength(name) > MAX_NAME_BYTES)
    report.add('PLN-D204', at, `the name has ${byteLength(name)} bytes; at most ${MAX_NAME_BYTES} are possible`)
}

/** False when the name itself is refused. */
function checkFieldName(name: string, at: Path, report: Report): boolean {
  if (SYSTEM_FIELDS.has(name)) {
    const hint = name === 'deletedAt' ? 'remove the field; softDelete: true provides it' : 'remove the field; every entity has it'
    report.add('PLN-D205', at, `${name} is maintained by Plinth`, hint)
    return false
  }
  return checkMemberName(name, { what: 'a field', at, report })
}

/** The place of a name; `what` is the kind of the named part, with an article. */
interface NamePlace extends ReportPlace {
  readonly what: string
}

/** Whether the name is allowed for a field, relation, rule, check or action. Reports it when not. */
export function checkMemberName(name: string, { what, at, report }: NamePlace): boolean {
  if (!MEMBER_NAME.test(name)) {
    report.add('PLN-D201', at, `${quote(name)} is not a name for ${what}`, `write it like ${asMemberName(name)}`)
    return false
  }
  if (byteLength(name) > MAX_NAME_BYTES) {
    report.add('PLN-D204', at, `the name has ${byteLength(name)} bytes; at most ${MAX_NAME_BYTES} are possible`)
    return false
  }
  if (!RESERVED_MEMBERS.has(name)) return true
  report.add('PLN-D202', at, `${quote(name)} is a reserved word`, `choose another name, such as ${name}Value`)
  return false
}

/** Names of PostgreSQL's own catalogue, and `call`, the name of the calls inside a statement. */
const RESERVED_TABLES = /^(?:pg_|call$)/

function checkTable(table: string, at: Path, report: Report): void {
  if (RESERVED_TABLES.test(table))
    report.add('PLN-D202', at, `the table name ${quote(table)} is taken`, `set table, such as table: app_${table}`)
  checkBytes(`the table ${quote(table)}`, table, at, report)
}

function checkBytes(what: string, name: string, at: Path, report: Report): void {
  if (byteLength(name) > MAX_NAME_BYTES)
    report.add('PLN-D204', at, `${what} has a name of ${byteLength(name)} bytes; at most ${MAX_NAME_BYTES} are possible`)
}

function checkPath(path: string, at: Path, report: Report): void {
  if (!PATH_NAME.test(path)) {
    report.add('PLN-D106', at, `${quote(path)} is not a path segment`, 'use letters, digits and - . _ ~, starting with a letter or digit')
  } else if (RESERVED_PATHS.has(path)) {
    report.add('PLN-D202', at, `/api/${path} is taken by Plinth`, `set path, such as path: ${path}-list`)
  }
}

/** Adds the inverse of each reference to its target as a to-many relation. */
function addInverses(entity: EntityOutline, relations: ReadonlyMap<string, Map<string, Relation>>, report: Report): void {
  for (const field of entity.fields.values()) {
    if (field.design.type !== 'ref' || field.design.inverse === undefined) continue
    const { inverse, entity: target } = field.design
    const at = [...field.at, 'inverse']
    if (!checkMemberName(inverse, { what: 'a relation', at, report })) continue
    const others = relations.get(target)
    const rival = others?.get(inverse)
    if (rival !== undefined) {
      report.add('PLN-D203', at, `${target} already has a relation ${quote(inverse)}, the inverse of ${rival.entity}.${rival.via}`)
      continue
    }
    others?.set(inverse, { name: inverse, entity: entity.name, via: field.name })
  }
}

/** Reports equal tables and paths of two entities, and equal columns and members within an entity. */
function refuseCollisions(outline: Outline, report: Report): void {
  const tables = new Map<string, EntityOutline>()
  const paths = new Map<string, EntityOutline>()
  for (const entity of outline.entities.values()) {
    const table = tables.get(entity.table)
    if (table !== undefined)
      report.add(
        'PLN-D203',
        entity.at,
        `${entity.name} and ${table.name} would share the table ${quote(entity.table)}`,
        'set table on one of them',
      )
    else tables.set(entity.table, entity)
    const path = paths.get(entity.path)
    if (path !== undefined)
      report.add(
        'PLN-D203',
        entity.at,
        `${entity.name} and ${path.name} would share the path /api/${entity.path}`,
        'set path on one of them',
      )
    else paths.set(entity.path, entity)
    refuseColumnCollisions(entity, report)
    refuseRelationCollisions(entity, report)
  }
}

const SYSTEM_COLUMNS = ['id', ...[...SYSTEM_FIELDS].map(snakeCase)]

function refuseColumnCollisions(entity: EntityOutline, report: Report): void {
  const columns = new Map<string, string>(SYSTEM_COLUMNS.map((column) => [column, column]))
  for (const field of entity.fields.values()) {
    if (field.name === 'id') continue
    const rival = columns.get(field.column)
    if (rival !== undefined)
      report.add('PLN-D203', field.at, `${field.name} and ${rival} would share the column ${quote(field.column)}`, 'rename one of them')
    else columns.set(field.column, field.name)
  }
}

function refuseRelationCollisions(entity: EntityOutline, report: Report): void {
  for (const relation of entity.relations.values()) {
    if (!entity.fields.has(relation.name) && !SYSTEM_FIELDS.has(relation.name) && relation.name !== 'id') continue
    const at = ['entities', relation.entity, 'fields', relation.via, 'inverse']
    report.add('PLN-D203', at, `${entity.name} already has a field ${quote(relation.name)}`, 'choose another name for the inverse')
  }
}
