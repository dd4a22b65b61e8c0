/** The outline of a design: the names of its entities, tables, paths, columns and relations. All later steps look names up in it. */

import type { Relation } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { EntityDesign } from '../authoring/design.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import type { Path } from '../findings/source.ts'

/** The names of a design. */
export interface Outline {
  readonly entities: ReadonlyMap<string, EntityOutline>
  /** Paths (JSON) of named parts that exist but could not be read. Their names are known, their content is not. */
  readonly broken: ReadonlySet<string>
  /** Paths (JSON) of the values of known keys that could not be read. */
  readonly dropped: ReadonlySet<string>
}

/** The names of an entity, with its design and its path. */
export interface EntityOutline {
  readonly name: string
  readonly at: Path
  readonly design: EntityDesign
  readonly table: string
  readonly path: string
  readonly idScalar: ScalarKind
  /** The design's own fields, in its order; an own `id` among them. */
  readonly fields: ReadonlyMap<string, FieldOutline>
  /** To-many relations by name, in the order in which the design's references name them. */
  readonly relations: ReadonlyMap<string, Relation>
}

/** The names of a field, with its design and its path. */
export interface FieldOutline {
  readonly name: string
  readonly at: Path
  readonly design: FieldDesign
  readonly column: string
}

/** Whether the design has an entity of the name, usable or not. */
export function hasEntity(outline: Outline, name: string): boolean {
  return outline.entities.has(name) || isBroken(outline, ['entities', name])
}

/** Whether a part may exist that could not be read: the part itself, or one that it stands in. */
export function isBroken({ broken, dropped }: Pick<Outline, 'broken' | 'dropped'>, path: Path): boolean {
  return path.some((_, i) => {
    const key = JSON.stringify(path.slice(0, i + 1))
    return broken.has(key) || dropped.has(key)
  })
}

/** Whether a part at a path, or a part within it, could not be read. */
export function hasBroken({ broken, dropped }: Pick<Outline, 'broken' | 'dropped'>, path: Path): boolean {
  const start = JSON.stringify(path).slice(0, -1)
  return [...broken, ...dropped].some((key) => key.startsWith(`${start},`) || key === `${start}]`)
}

/** Whether an action may exist that could not be read, as `call` and events name it: `archive`, or `Article.publish`. */
export function isBrokenAction(outline: Pick<Outline, 'broken' | 'dropped'>, label: string): boolean {
  const [first = '', second] = label.split('.')
  if (second === undefined) return isBroken(outline, ['actions', first])
  return isBroken(outline, ['entities', first, 'actions', second]) || hasBroken(outline, ['workflows'])
}
