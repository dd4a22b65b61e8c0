/** A draft: the design that is made of a sketch, with the place in the source of each part. It changes until it is written. */

import { formatPath } from '../../base/diagnostic.ts'
import type { Carried, DataSketch, Left, SketchEntity, SketchEnum } from '../sketch/sketch.ts'
import type { SourcePlace } from '../text/source-file.ts'

/** A field of a draft. */
export interface DraftField {
  type: string
  optional?: boolean
  unique?: unknown
  [option: string]: unknown
}

/** An entity of a draft. */
export interface DraftEntity {
  description?: string
  identity?: { login: string; password: string; role?: string }
  fields: Record<string, DraftField>
  unique?: unknown[]
  indexes?: string[][]
  checks?: Record<string, { rule: string; message: string }>
  softDelete?: boolean
  actions?: Record<string, unknown>
  path?: string
  table?: string
}

/** The design of a draft. */
export interface DraftDesign {
  name: string
  description?: string
  contract?: string
  entities: Record<string, DraftEntity>
  on?: Record<string, unknown[]>
  actions?: Record<string, unknown>
  workflows?: Record<string, unknown>
  requirements?: Record<string, unknown>
  [part: string]: unknown
}

/** A design with what is known about its parts. */
export interface Draft {
  readonly design: DraftDesign
  carried: Carried[]
  left: Left[]
  /** The place in the source of each part of the design, by path. */
  readonly sources: Map<string, SourcePlace>
}

/** An entity with its names in the design. */
export interface NamedEntity {
  readonly name: string
  readonly sketch: SketchEntity
  readonly design: DraftEntity
  /** The name in the design of each column; `id` for the key. A column that is not carried over is not here. */
  readonly names: Map<string, string>
  /** The names of fields and relations. */
  readonly taken: Set<string>
}

/** The entities while a draft is made. */
export interface Drafting {
  readonly sketch: DataSketch
  readonly draft: Draft
  readonly entities: NamedEntity[]
  /** The enums by their names in lower case. */
  readonly enums: ReadonlyMap<string, SketchEnum>
}

/** Notes that a part of the design comes from an object of the source. */
export function carry(
  draft: Draft,
  path: readonly (string | number)[],
  object: { readonly kind: string; readonly name: string; readonly at: SourcePlace; readonly note?: string | null | undefined },
): void {
  const at = formatPath(path)
  if (!draft.sources.has(at)) draft.sources.set(at, object.at)
  draft.carried.push({ kind: object.kind, name: object.name, at: object.at, path: at, note: object.note ?? null })
}

/** The entity of a name in the source: the same name, else the same but for its case. */
export function entityCalled(entities: readonly NamedEntity[], name: string): NamedEntity | undefined {
  const lower = name.toLowerCase()
  return entities.find(({ sketch }) => sketch.name === name) ?? entities.find(({ sketch }) => sketch.name.toLowerCase() === lower)
}

/** The name in the design of a column, whatever its case. */
export function designField({ names }: NamedEntity, column: string): string | undefined {
  const exact = names.get(column)
  if (exact !== undefined) return exact
  const lower = column.toLowerCase()
  return [...names].find(([each]) => each.toLowerCase() === lower)?.[1]
}
