/**
 * Whether a rule that is not asked at some doors could refuse anything there, as the design alone proves. Nothing is refused if whoever
 * comes as far as the rule is allowed by it: who reads the row that leads to another one, or who sees the rows that a new row refers to.
 */

import { entityNamed, type Model } from '../../../model/model.ts'
import { isNever } from '../../../model/predicate.ts'
import { type AccessRule, ruleOf, type WrittenDesign } from '../../expected/written-design.ts'
import { behindReference, readsOnlyCaller, withoutCan } from '../../rules/behind-reference.ts'
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

const NEW_ROW: Written = { rule: 'create', operation: 'create', moment: 'after' }

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
      const { written = (text: string) => text } = way
      const plain = { ...way, written: (text: string) => written(withoutCan(text, { design, model, entity: decided.entity })) }
      const alike = alikeIn(design, { design, model, entity: way.entity }, { ...rule, way: plain })
      if (alike === null) return null
      combinations += alike
    }
  }
  return combinations
}

/** Whether nobody may write rows at a door, so that it refuses before any row is looked at. */
function isClosed(model: Model, { entity, use }: Extract<Decided, { kind: 'rule' }>, door: string): boolean {
  const { access } = entityNamed(model, entity)
  if (use.kind === 'field') return use.of === 'read' && door === 'answer-to-patch' && isNever(access.update.from)
  if (use.rule !== 'read') return false
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
  if (isCreate) {
    if (door === 'upsert') return ofWriters(design, entity, { rule: 'update.from', operation: 'create', moment: 'after' })
    return BESIDE_ALLOWED.has(door) ? [created(design, model, entity)] : null
  }
  if (!isRead) return null
  // A field is read only of rows that are seen.
  const ownRow = use.kind === 'field' ? readOf(design, entity) : []
  if (FROM_REFERRING.has(door) || FROM_REFERRED.has(door))
    return [
      ...(FROM_REFERRING.has(door) ? fromReferring(design, model, { entity, ownRow }) : []),
      ...(FROM_REFERRED.has(door) ? fromReferred(design, model, { entity, ownRow }) : []),
    ]
  if (use.kind === 'field')
    return door === 'answer-to-patch' ? ofWriters(design, entity, { rule: 'update.from', operation: 'update', moment: 'after' }) : null
  if (door === 'patch' || door === 'put') return ofWriters(design, entity, { rule: 'update.from', operation: 'update', moment: 'before' })
  if (door === 'delete') return ofWriters(design, entity, { rule: 'delete', operation: 'delete', moment: 'before' })
  return door === 'reference' ? fromNewRows(design, model, entity) : null
}

interface Written extends Pick<Way, 'operation'> {
  readonly rule: AccessRule
  readonly moment: Way['moments'][number]
}

/** By those who may do a write, where that is the same for all rows: to all others the write is closed, whatever the row is. */
function ofWriters(design: WrittenDesign, entity: string, { rule, operation, moment }: Written): readonly WayFrom[] | null {
  const source = ruleOf(design.entities[entity], rule) ?? 'false'
  if (!readsOnlyCaller(source, design.rules)) return null
  return [{ entity, operation, moments: [moment], also: [{ source, moment }] }]
}

/** By those who may create rows that refer to the row in question, where that is the same for all rows. */
function fromNewRows(design: WrittenDesign, model: Model, entity: string): readonly WayFrom[] | null {
  const ways = model.entities.flatMap((other): readonly (WayFrom | null)[] => {
    const [way] = isNever(other.access.create) ? [] : (ofWriters(design, other.name, NEW_ROW) ?? [null])
    if (way === undefined) return []
    return other.fields.flatMap(({ name, type }) => {
      if (type.kind !== 'ref' || type.entity !== entity) return []
      if (way === null) return [null]
      const also: Way['also'] = [
        ...way.also,
        ...wholeRow(design, { model, entity: other.name }),
        { source: `${name} != null`, moment: 'after' },
      ]
      return [{ ...way, also, written: (text: string) => behindReference(text, { design, model, entity, reference: name }) }]
    })
  })
  return ways.includes(null) ? null : ways.filter((way) => way !== null)
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
