/**
 * Whether a rule that is not asked at some doors could refuse anything there, as the design alone proves. Nothing is refused if whoever
 * comes as far as the rule is allowed by it: who reads the row that leads to another one, or who sees the rows that a new row refers to.
 */

import { entityNamed, type Model } from '../../../model/model.ts'
import { isNever } from '../../../model/predicate.ts'
import { ruleOf, type WrittenDesign } from '../../expected/written-design.ts'
import { behindReference } from '../../rules/behind-reference.ts'
import { mentionsOf } from '../../rules/mentions.ts'
import { parseRule } from '../../rules/rule-tree.ts'
import { alikeIn, type ComparedRule, type Decided, type Way, wholeRow } from './alike-by-design.ts'

/** Doors that lead to a row from one that refers to it, and from one in whose relation it is. */
const FROM_REFERRING: ReadonlySet<string> = new Set(['include-one', 'filter-reference', 'graphql-nested'])
const FROM_REFERRED: ReadonlySet<string> = new Set(['include-many', 'filter-relation', 'graphql-nested'])
/**
 * Doors of lists of new rows, one of which the rule allows: so the caller is of a kind that may create rows. Each reference of the others
 * must lead to a row that the caller sees.
 */
const BESIDE_ALLOWED: ReadonlySet<string> = new Set(['create-many-first', 'create-many-second', 'graphql-many-second'])

/** A way to a rule, and the entity of the row that the conditions are written for. */
interface WayFrom extends Way {
  readonly entity: string
}

/** @returns the number of combinations in which both rules decide alike at all doors; null if they differ in one, or nothing is proved. */
export function alikeAtDoors(
  design: WrittenDesign,
  model: Model,
  decided: Extract<Decided, { kind: 'rule' }>,
  rule: ComparedRule,
): number | null {
  const { doors } = rule
  if (doors === null) return null
  let combinations = 0
  for (const door of doors) {
    if (isClosed(model, decided, door)) {
      combinations++
      continue
    }
    const ways = waysThrough(design, model, decided, door)
    if (ways === null || ways.some((way) => asksCan(design, way))) return null
    for (const way of ways) {
      const alike = alikeIn(design, { design, model, entity: way.entity }, { ...rule, way })
      if (alike === null) return null
      combinations += alike
    }
  }
  return combinations
}

/** Whether nobody may write rows at a door, so that it refuses before any row is looked at. */
function isClosed(model: Model, { entity, use }: Extract<Decided, { kind: 'rule' }>, door: string): boolean {
  const { access } = entityNamed(model, entity)
  const isRead = use.kind === 'operation' && use.rule === 'read'
  if (!isRead) return false
  return ['patch', 'put'].includes(door) ? isNever(access.update.from) : door === 'delete' && isNever(access.delete)
}

/** A rule with `can` may ask for the rule that is not asked. */
function asksCan(design: WrittenDesign, { also }: Way): boolean {
  return also.some(({ source }) => parseRule(source, (name) => design.rules?.[name]).atoms.some(({ text }) => /\bcan\(/.test(text)))
}

function waysThrough(
  design: WrittenDesign,
  model: Model,
  { entity, use }: Extract<Decided, { kind: 'rule' }>,
  door: string,
): readonly WayFrom[] | null {
  const isRead = use.kind === 'field' ? use.of === 'read' : use.rule === 'read'
  const isCreate = use.kind === 'operation' && use.rule === 'create'
  // A field is read only of rows that are seen.
  const ownRow = use.kind === 'field' ? readOf(design, entity) : []
  if (isRead && (FROM_REFERRING.has(door) || FROM_REFERRED.has(door)))
    return [
      ...(FROM_REFERRING.has(door) ? fromReferring(design, model, { entity, ownRow }) : []),
      ...(FROM_REFERRED.has(door) ? fromReferred(design, model, { entity, ownRow }) : []),
    ]
  return isCreate && BESIDE_ALLOWED.has(door) ? [created(design, model, entity)] : null
}

/** The rule of who reads the rows of an entity. */
function readOf(design: WrittenDesign, entity: string): readonly string[] {
  return [ruleOf(design.entities[entity], 'read') ?? 'false']
}

const before = (sources: readonly string[]): Way['also'] => sources.map((source) => ({ source, moment: 'before' }))

interface OwnRow {
  readonly entity: string
  /** The rules that hold for the row in question. */
  readonly ownRow: readonly string[]
}

/** From each row that refers to the row in question. */
function fromReferring(design: WrittenDesign, model: Model, { entity, ownRow }: OwnRow): readonly WayFrom[] {
  return model.entities.flatMap((other) =>
    other.fields.flatMap(({ name, type }): readonly WayFrom[] => {
      if (type.kind !== 'ref' || type.entity !== entity) return []
      const written = (text: string): string => behindReference(text, { design, model, entity, reference: name })
      const also = before([...readOf(design, other.name), `${name} != null`, ...ownRow.map(written)])
      return [{ entity: other.name, operation: 'read', moments: ['before'], also, written }]
    }),
  )
}

/** From each row that has the row in question in a relation. */
function fromReferred(design: WrittenDesign, model: Model, { entity, ownRow }: OwnRow): readonly WayFrom[] {
  return entityNamed(model, entity).fields.flatMap(({ name, type }): readonly WayFrom[] => {
    if (type.kind !== 'ref' || type.inverse === null) return []
    const read = readOf(design, type.entity).map((text) => behindReference(text, { design, model, entity: type.entity, reference: name }))
    return [{ entity, operation: 'read', moments: ['before'], also: before([...read, `${name} != null`, ...ownRow]) }]
  })
}

/** A new row, which refers only to rows that the caller sees. */
function created(design: WrittenDesign, model: Model, entity: string): WayFrom {
  const source = ruleOf(design.entities[entity], 'create') ?? 'false'
  const read = mentionsOf(design, model, [{ entity, source }]).get(entity)?.fields
  const sent = entityNamed(model, entity).fields.filter((field) => read?.has(field.name) === true && field.default === null)
  const seen = sent.flatMap(({ name, type, optional }): Way['also'] => {
    if (type.kind !== 'ref') return []
    const rule = ruleOf(design.entities[type.entity], 'read') ?? 'false'
    const written = behindReference(rule, { design, model, entity: type.entity, reference: name })
    return [{ source: optional ? `${name} == null || (${written})` : written, moment: 'after' }]
  })
  return { entity, operation: 'create', moments: ['after'], also: [...wholeRow(design, { model, entity }), ...seen] }
}
