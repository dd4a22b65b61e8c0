/** Inserts rows for tests without access rules. Each field has a sample value, and each reference points to the first row of its target. */

import { columnType } from '../../src/compile/values/column-type.ts'
import { encodeJson } from '../../src/compile/values/encode.ts'
import { sampleValue } from '../../src/compile/values/sample.ts'
import { type Entity, entityNamed, type Field } from '../../src/model/model.ts'
import type { TestBackend } from './backend.ts'

export interface Garden {
  /** Id of the first row of an entity. */
  readonly first: (entity: Entity) => string
  /** A new row, and its id; `values` are column values that matter to the test. */
  readonly grow: (entity: Entity, values?: Readonly<Record<string, string>>) => Promise<string>
}

/** Inserts one row of every entity, targets of references first. */
export async function plant({ model, sql }: TestBackend): Promise<Garden> {
  const firsts = new Map<string, string>()
  let n = 100
  const grow = async (entity: Entity, values: Readonly<Record<string, string>> = {}): Promise<string> => {
    n++
    const cells = entity.fields.flatMap((field) => {
      const value = values[field.name] ?? cellOf(field, n, firsts)
      return value === undefined ? [] : [{ field, value }]
    })
    const columns = cells.map(({ field }) => `"${field.column}"`).join(', ')
    const slots = cells.map(({ field }, i) => `$${i + 1}::${columnType(field.type)}`).join(', ')
    const [row] = await sql(
      `insert into "${entity.table}" (${columns}) values (${slots}) returning id::text`,
      cells.map((cell) => cell.value),
    )
    return String(row?.id)
  }
  const open = new Set<string>()
  const plantFirst = async (entity: Entity): Promise<void> => {
    if (firsts.has(entity.name) || open.has(entity.name)) return
    open.add(entity.name)
    for (const { type, optional } of entity.fields) if (type.kind === 'ref' && !optional) await plantFirst(entityNamed(model, type.entity))
    firsts.set(entity.name, await grow(entity))
  }
  for (const entity of model.entities) await plantFirst(entity)
  return { first: (entity) => firsts.get(entity.name) ?? '', grow }
}

/** The value of a column; with undefined, the database fills it in. */
function cellOf(field: Field, n: number, firsts: ReadonlyMap<string, string>): unknown {
  const { type, system } = field
  if (type.kind === 'computed' || system === 'deletedAt') return undefined
  if (system === 'createdAt' || system === 'updatedAt') return new Date(1_700_000_000_000 + n * 1000).toISOString()
  if (system === 'version') return 1
  if (system === 'id' && type.kind === 'scalar' && type.scalar === 'integer') return undefined
  if (type.kind === 'ref') return firsts.get(type.entity)
  if (type.kind === 'password') return 'no password has this hash'
  const sample = field.default?.kind === 'value' ? field.default.value : sampleValue(type, n)
  const encoded = encodeJson(type, sample)
  return encoded.ok ? encoded.value : undefined
}
