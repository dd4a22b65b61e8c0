/** What is known while statements of SQL are read. */

import type { DataSketch, SketchEntity } from '../sketch/sketch.ts'
import type { SourcePlace } from '../text/source-file.ts'
import type { Domain } from './types.ts'

/** A sequence, and the column that counts with it. */
export interface Sequence {
  readonly name: string
  readonly at: SourcePlace
  column: { readonly entity: string; readonly column: string } | null
}

/** What is known while statements are read. */
export interface SqlReading {
  readonly sketch: DataSketch
  /** The names of the enums of the sketch. */
  readonly enums: Set<string>
  readonly domains: Map<string, Domain>
  readonly sequences: Map<string, Sequence>
  /** Partitions of tables. Their indexes and constraints are those of the table. */
  readonly partitions: Set<string>
  /** Tables whose rows are in the file. */
  readonly rows: Set<string>
}

/** A statement, and the places in it; offsets are in bytes. */
export interface StatementContext {
  readonly reading: SqlReading
  readonly at: SourcePlace
  readonly placeOf: (bytes: number) => SourcePlace
}

/** The table of a name that was created before. */
export function tableCalled({ sketch }: SqlReading, name: string): SketchEntity | undefined {
  return sketch.entities.find((entity) => entity.name === name)
}

/** The same, whatever the case of the name, which MySQL and SQLite do not tell apart. */
export function tableLike(reading: SqlReading, name: string): SketchEntity | undefined {
  const lower = name.toLowerCase()
  return tableCalled(reading, name) ?? reading.sketch.entities.find((entity) => entity.name.toLowerCase() === lower)
}

/** The names of columns as their table has them, whatever their case in a constraint. */
export function ownColumns(entity: SketchEntity, columns: readonly string[]): readonly string[] {
  return columns.map((column) => {
    const bare = column.replace(/^-/, '')
    const isThere = entity.fields.some(({ name }) => name === bare)
    const like = isThere ? undefined : entity.fields.find(({ name }) => name.toLowerCase() === bare.toLowerCase())
    return like === undefined ? column : `${column.slice(0, column.length - bare.length)}${like.name}`
  })
}

/** What differs for a partition. */
export const ONE_TABLE = 'Plinth makes one table; partition it in the database'
