/**
 * A sketch: what a format says about entities, in the words of the format. Every format is read into a sketch, and `draft/` makes a design
 * of it. A sketch is filled while a text is read, so its lists are not readonly.
 */

import type { SourcePlace } from '../text/source-file.ts'

/** A field as the design language writes it, without `optional` and `unique`: its type and the options of the type. */
export type FieldData = { readonly type: string; readonly [option: string]: unknown }

/** The type of a field: one of the language, the name of an enum that may follow later, or a reference that has no column. */
export type SketchType = FieldData | { readonly type: 'enum'; readonly name: string; readonly default?: unknown }

/** A column, attribute or property. */
export interface SketchField {
  readonly name: string
  readonly at: SourcePlace
  type: SketchType
  optional: boolean
  unique: boolean
  description?: string
  /** What differs from the source, in a sentence. */
  note?: string
}

/** A reference to another entity. */
export interface SketchReference {
  /** The columns that hold it. Empty if the format names no column. */
  readonly columns: readonly string[]
  /** The name of the other entity in the source. */
  readonly target: string
  /** The columns of the other entity; null for its key. */
  readonly targetColumns: readonly string[] | null
  readonly onDelete: 'restrict' | 'cascade' | 'setNull' | null
  /** The name of the reference in the source; null if only the column has a name. */
  readonly name: string | null
  /** The name of the to-many relation on the other side in the source. */
  readonly inverse: string | null
  /** For a reference without a column. */
  readonly optional: boolean
  /** Whether at most one row refers to a row of the other entity. */
  readonly unique: boolean
  readonly at: SourcePlace
}

/** A unique constraint or an index. */
export interface SketchIndex {
  readonly name: string
  /** Columns, with `-` in front for descending. */
  readonly columns: readonly string[]
  /** The condition of a partial unique index, as an expression over columns; null for none. */
  readonly where: SketchExpression | null
  readonly at: SourcePlace
}

/** An expression in CEL, with the columns that stand in it. `text` takes the names of the fields. */
export interface SketchExpression {
  readonly columns: readonly string[]
  /** Those of them for which a missing value satisfies the condition, as in SQL. */
  readonly guarded: readonly string[]
  readonly text: (nameOf: (column: string) => string) => string
}

/** A condition on the row. */
export interface SketchCheck {
  readonly name: string
  readonly rule: SketchExpression
  readonly at: SourcePlace
}

/** A table, model, type or class. */
export interface SketchEntity {
  readonly name: string
  /** The name of the table; null if the source has none. */
  readonly table: string | null
  readonly at: SourcePlace
  readonly fields: SketchField[]
  /** The columns of the primary key. */
  key: { readonly columns: readonly string[]; readonly at: SourcePlace } | null
  readonly references: SketchReference[]
  readonly uniques: SketchIndex[]
  readonly indexes: SketchIndex[]
  readonly checks: SketchCheck[]
  description?: string
}

/** An enumeration. */
export interface SketchEnum {
  readonly name: string
  readonly values: string[]
  readonly at: SourcePlace
}

/** States and their transitions. */
export interface SketchWorkflow {
  readonly name: string
  /** The entity and field, if the source names them. */
  readonly of: { readonly entity: string; readonly field: string } | null
  /** The title of the diagram, else the heading above it: it often names what has the states. Null without one. */
  readonly title: string | null
  readonly initial: string | null
  readonly transitions: readonly { readonly name: string | null; readonly from: string; readonly to: string; readonly at: SourcePlace }[]
  readonly at: SourcePlace
}

/** An object of the source that is a part of a field or an entity, such as the sequence behind a number. */
export interface SketchPart {
  readonly kind: string
  readonly name: string
  readonly at: SourcePlace
  readonly entity: string
  /** Null for the entity itself. */
  readonly column: string | null
  readonly note?: string
}

/** An object of the source that the design has, and where. */
export interface Carried {
  /** `entity`, `field`, `reference`, … */
  readonly kind: string
  /** The name in the source. */
  readonly name: string
  readonly at: SourcePlace
  /** The path in the design: `entities.Post.fields.title`. */
  readonly path: string
  /** What differs from the source; null if nothing does. */
  readonly note: string | null
}

/** An object of the source that the design does not have, and why. */
export interface Left {
  readonly kind: string
  readonly name: string
  readonly at: SourcePlace
  /** The reason, with what to do. */
  readonly why: string
}

/** A sentence that says what is asked for. */
export interface SketchRequirement {
  readonly id: string
  readonly text: string
  readonly at: SourcePlace
}

/** A message that is sent or received. */
export interface SketchMessage {
  readonly name: string
  readonly direction: 'sends' | 'receives'
  /** Where it is sent. */
  readonly address: string
  /** The entity whose rows it is about, by its name in the source; null if none is known. */
  readonly entity: string | null
  /** What happens to a row: `created`, `updated`, `deleted`, or another word; null if it is not known. */
  readonly event: string | null
  readonly properties: readonly { readonly name: string; readonly type: SketchType; readonly optional: boolean }[]
  readonly at: SourcePlace
  /** What is assumed about it, in a sentence. */
  readonly note?: string
}

/** Everything that was read of a source. */
export interface DataSketch {
  readonly entities: SketchEntity[]
  readonly enums: SketchEnum[]
  readonly workflows: SketchWorkflow[]
  readonly parts: SketchPart[]
  readonly left: Left[]
  readonly requirements: SketchRequirement[]
  readonly messages: SketchMessage[]
  /** The protocols of the servers through which messages go. */
  readonly brokers: string[]
}

/** An empty sketch. */
export function newSketch(): DataSketch {
  return { entities: [], enums: [], workflows: [], parts: [], left: [], requirements: [], messages: [], brokers: [] }
}

/** An entity without fields. */
export function newEntity(name: string, at: SourcePlace, table: string | null = null): SketchEntity {
  return { name, table, at, fields: [], key: null, references: [], uniques: [], indexes: [], checks: [] }
}
