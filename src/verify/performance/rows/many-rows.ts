/** Makes as many rows as a design expects, as lines for COPY: references by Zipf's law, texts of three lengths, missing values. */

import { sampleValue } from '../../../compile/values/sample.ts'
import { type Entity, type Field, isToken, type Model } from '../../../model/model.ts'
import { copyValue } from '../../../postgres/copy-rows.ts'
import type { WrittenDesign } from '../../expected/written-design.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { type Random, randomOf, zipf } from '../statistics/random.ts'
import { idAt, timeAt } from './row-ids.ts'
import { columnText, valuePool } from './value-pool.ts'

/** What rows are made from. */
export interface ManyRows {
  readonly design: WrittenDesign
  readonly model: Model
  /** Rows that the checks of each entity allow. */
  readonly templates: ReadonlyMap<string, readonly PlainRow[]>
  /** How many rows of each entity are made. */
  readonly counts: ReadonlyMap<string, number>
  /** The stored form of the password of all accounts. */
  readonly passwordHash: string
  readonly seed: number
  /** The number of the first row; 0 unless given. Rows of an entity with other numbers have other ids. */
  readonly first?: number
}

/** Thrown when no rows of an entity can be made, with the reason. */
export class NoRows extends Error {}

/** The part of the rows in which an optional field has no value. */
const MISSING_PART = 0.1
const CHUNK_CHARACTERS = 128 * 1024
const MOST_TRIES = 50

/** Makes the text of a field in a row. @param template a row that the checks allow. */
type Cell = (i: number, template: PlainRow) => string

/** The fields that have a column. */
export function columnFields({ fields }: Entity): readonly Field[] {
  return fields.filter(({ type }) => type.kind !== 'computed')
}

/**
 * The rows of an entity in chunks. References lead to rows of entities that were made before, and of its own to earlier rows.
 *
 * @param made how many rows the entities have that were made before.
 * @throws NoRows if a required field has no value.
 */
export function* rowChunks(making: ManyRows, entity: Entity, made: ReadonlyMap<string, number>): Generator<string> {
  const count = making.counts.get(entity.name) ?? 0
  const templates = (making.templates.get(entity.name) ?? []).filter(({ deletedAt }) => deletedAt === undefined || deletedAt === null)
  if (templates.length === 0) throw new NoRows(`no row of ${entity.name} satisfies its checks`)
  const random = randomOf(making.seed + making.model.entities.indexOf(entity))
  const kept = checkedFields(making, entity)
  const fields = columnFields(entity)
  const cells = fields.map((field) => cellOf(making, { entity, field, made, random, count, kept }))
  const isFresh = distinctness(entity, fields)
  const lines: string[] = []
  let length = 0
  // A row whose values are taken leaves no number out: others refer to all numbers.
  let i = making.first ?? 0
  for (let asked = 0; asked < count; asked++) {
    const template = templates[asked % templates.length] ?? {}
    let values = cells.map((cell) => cell(i, template))
    for (let tries = 0; tries < MOST_TRIES && !isFresh(values); tries++) values = cells.map((cell) => cell(i, template))
    if (!isFresh(values, 'keep')) continue
    i++
    const line = `${values.join('\t')}\n`
    lines.push(line)
    length += line.length
    if (length < CHUNK_CHARACTERS) continue
    yield lines.splice(0).join('')
    length = 0
  }
  if (lines.length > 0) yield lines.join('')
}

interface Placed {
  readonly entity: Entity
  readonly field: Field
  readonly made: ReadonlyMap<string, number>
  readonly random: Random
  readonly count: number
  /** Fields that a check reads. They keep the values of the template. */
  readonly kept: ReadonlySet<string>
}

function cellOf(making: ManyRows, placed: Placed): Cell {
  const { entity, field, random, kept } = placed
  const { type, optional } = field
  const text = (value: unknown): string => copyValue(columnText(type, value))
  switch (field.system) {
    case 'createdAt':
    case 'updatedAt':
      return (i) => timeAt(i)
    case 'version':
      return () => '1'
    case 'deletedAt':
      return () => '\\N'
    default:
  }
  if (field.name === 'id') return (i) => copyValue(String(idAt(making.model, entity, i)))
  if (type.kind === 'password') return () => copyValue(making.passwordHash)
  if (field.default?.kind === 'sequence') return (i) => String(i + 1)
  if (isToken(field)) return (i) => i.toString(16).padStart(32, '0')
  if (kept.has(field.name)) return (_, template) => text(template[field.name] ?? null)
  if (type.kind === 'ref') return referenceCell(making, placed)
  const orMissing = (cell: (i: number) => string): Cell => (optional ? (i) => (random() < MISSING_PART ? '\\N' : cell(i)) : cell)
  if (isUnique(entity, field.name)) {
    if (sampleValue(type, 1) === undefined && optional) return () => '\\N'
    return orMissing((i) => text(sampleValue(type, i + 1) ?? null))
  }
  const pool = valuePool(field).map(text)
  if (pool.length > 0) return orMissing(() => pool[Math.floor(random() * pool.length)] ?? '\\N')
  if (optional) return () => '\\N'
  throw new NoRows(`${entity.name}.${field.name} has no sample value`)
}

/** Few rows are referred to often. Which ones has nothing to do with their age. */
function referenceCell(making: ManyRows, { entity, field, made, random }: Placed): Cell {
  const { type, optional } = field
  if (type.kind !== 'ref') throw new Error('only a reference leads to a row')
  const target = making.model.entities.find(({ name }) => name === type.entity)
  const count = made.get(type.entity) ?? 0
  if (target === entity)
    return (i) => {
      const earlier = Math.floor(random() * (making.first ?? i))
      return optional && (i === 0 || random() < MISSING_PART) ? '\\N' : copyValue(String(idAt(making.model, entity, earlier)))
    }
  if (target === undefined || count === 0) {
    if (optional) return () => '\\N'
    throw new NoRows(`${entity.name}.${field.name} needs a row of ${type.entity}`)
  }
  const rank = zipf(random, count)
  return () => {
    if (optional && random() < MISSING_PART) return '\\N'
    return copyValue(String(idAt(making.model, target, spread(rank(), count))))
  }
}

/** Another number below `count` for each rank: a step that shares no divisor with `count` reaches all. */
function spread(rank: number, count: number): number {
  let step = Math.max(1, Math.floor(count * 0.618))
  while (divisor(step, count) !== 1) step++
  return (rank * step) % count
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}

function isUnique({ uniques, conditionalUniques }: Entity, name: string): boolean {
  return [...uniques, ...conditionalUniques].some(({ fields }) => fields.includes(name))
}

/** The fields that the text of a check names. */
function checkedFields({ design }: ManyRows, entity: Entity): ReadonlySet<string> {
  const text = JSON.stringify(design.entities[entity.name]?.checks ?? {})
  return new Set(entity.fields.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`).test(text)))
}

/** Whether no earlier row has the same values in the fields of a unique constraint. A value that differs by itself needs no memory. */
function distinctness(entity: Entity, fields: readonly Field[]): (values: readonly string[], mode?: 'keep') => boolean {
  const watched = [...entity.uniques, ...entity.conditionalUniques]
    .map(({ fields: names }) => names.map((name) => fields.findIndex((field) => field.name === name)))
    .filter((places) => !places.some((place) => isByNumber(fields[place])))
    .map((places) => ({ places, seen: new Set<string>() }))
  return (values, mode) => {
    const keys = watched.map(({ places }) => places.map((place) => values[place]))
    const isFree = watched.every(({ seen }, n) => keys[n]?.includes('\\N') === true || !seen.has(String(keys[n]?.join('\t'))))
    if (isFree && mode === 'keep') for (const [n, { seen }] of watched.entries()) seen.add(String(keys[n]?.join('\t')))
    return isFree
  }
}

function isByNumber(field: Field | undefined): boolean {
  if (field === undefined || field.name === 'id' || field.default?.kind === 'sequence' || isToken(field)) return true
  const { type } = field
  return (
    type.kind === 'scalar' && ['text', 'email', 'url', 'uuid'].includes(type.scalar) && type.pattern === null && Number(type.max ?? 99) > 12
  )
}
