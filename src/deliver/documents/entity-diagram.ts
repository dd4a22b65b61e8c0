/** The entities of a design and their references, as a diagram and as the source of one in Mermaid. */

import type { FieldType } from '../../model/field-type.ts'
import type { Entity, Model } from '../../model/model.ts'
import type { Markup } from '../../verify/report/page/markup.ts'
import { type Box, boxDiagram, type Link } from './boxes.ts'

/** The diagram. What others refer to stands on the left. */
export function entityDiagram(model: Model): Markup {
  const columns = columnsOf(model)
  const boxes = model.entities.map((entity): Box => {
    const lines = ownFields(entity).map(({ name, type, optional }) => `${name}: ${typeWord(type)}${optional ? '?' : ''}`)
    return { title: entity.name, lines, column: columns.get(entity.name) ?? 0 }
  })
  const links = model.entities.flatMap((entity) =>
    ownFields(entity).flatMap(({ type }, line): readonly Link[] =>
      type.kind === 'ref' ? [{ from: entity.name, to: type.entity, line }] : [],
    ),
  )
  return boxDiagram(`The entities of ${model.name} and their references`, boxes, links)
}

/** The same in the language of Mermaid. */
export function entityMermaid(model: Model): string {
  const lines = model.entities.flatMap((entity) => [
    `  ${entity.name} {`,
    ...ownFields(entity).map(({ name, type }) => `    ${typeWord(type).replaceAll(/\W+/g, '_')} ${name}`),
    '  }',
    ...ownFields(entity).flatMap(({ name, type, optional }) =>
      type.kind === 'ref' ? [`  ${type.entity} ${optional ? '|o' : '||'}--o{ ${entity.name} : ${name}`] : [],
    ),
  ])
  return `erDiagram\n${lines.join('\n')}\n`
}

/** The fields that the design declares. */
export function ownFields({ fields }: Entity): Entity['fields'] {
  return fields.filter(({ system }) => system === null)
}

/** The type of a field in a word: the entity of a reference, the values of a short choice. */
export function typeWord(type: FieldType): string {
  switch (type.kind) {
    case 'ref':
      return type.entity
    case 'list':
      return `list of ${typeWord(type.of)}`
    case 'scalar':
      return type.scalar
    case 'computed':
      return `${type.scalar}, computed`
    default:
      return type.kind
  }
}

/** An entity stands one column behind those that it refers to; circles are cut. */
function columnsOf({ entities }: Model): ReadonlyMap<string, number> {
  const known = new Map<string, number>()
  const columnOf = (name: string, path: readonly string[]): number => {
    const there = known.get(name)
    if (there !== undefined) return there
    const entity = entities.find((one) => one.name === name)
    const targets = (entity?.fields ?? []).flatMap(({ type }) =>
      type.kind === 'ref' && ![...path, name].includes(type.entity) ? [type.entity] : [],
    )
    const column = Math.max(-1, ...targets.map((target) => columnOf(target, [...path, name]))) + 1
    if (path.length === 0) known.set(name, column)
    return column
  }
  for (const { name } of entities) columnOf(name, [])
  return known
}
