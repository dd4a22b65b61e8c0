/** The relationships of JDL. */

import { type DataSketch, newEntity, type SketchEntity, type SketchReference } from '../sketch/sketch.ts'
import type { SourcePlace } from '../text/source-file.ts'
import { type Token, type TokenReader, tokenReader } from '../text/tokens.ts'

/** One side: an entity, and the name and obligation of its relation to the other. */
interface Side {
  readonly entity: string
  readonly name: string | null
  readonly required: boolean
  readonly at: SourcePlace
}

/** Adds the relationships of a block, such as `A{bs} to B{a required}`. */
export function addRelationships(kind: string, body: readonly Token[], sketch: DataSketch): void {
  const reader = tokenReader(body)
  while (reader.peek() !== undefined) {
    reader.skip()
    const from = sideOf(reader)
    reader.skip()
    if (from === null || !reader.take('to')) {
      reader.next()
      continue
    }
    reader.skip()
    const to = sideOf(reader)
    if (to !== null) relate(kind, [from, to], sketch)
    // `with builtInEntity`, and the comma
    while (reader.peek() !== undefined && reader.peek()?.kind !== 'line' && !reader.take(',')) reader.next()
  }
}

function sideOf(reader: TokenReader): Side | null {
  while (reader.take('@')) {
    reader.next()
    if (reader.take('(')) reader.block('(', ')')
    reader.skip()
  }
  if (reader.peek()?.kind !== 'word') return null
  const token = reader.next()
  if (token === undefined) return null
  const inside = reader.take('{') ? reader.block('{', '}').filter(({ kind }) => kind === 'word') : []
  const [name, ...rest] = inside.map(({ value }) => value)
  return { entity: token.value, name: name ?? null, required: rest.includes('required'), at: token.at }
}

function relate(kind: string, [from, to]: readonly [Side, Side], sketch: DataSketch): void {
  for (const side of [from, to]) addBuiltIn(side, sketch)
  if (kind === 'ManyToMany') {
    const link = newEntity(`${from.entity}${to.entity}`, from.at)
    const isSelf = from.entity === to.entity
    link.references.push(
      { ...referenceTo(from, from.name, from.at), name: isSelf ? 'one' : null, onDelete: 'cascade', optional: false },
      { ...referenceTo(to, to.name, from.at), name: isSelf ? 'other' : null, onDelete: 'cascade', optional: false },
    )
    sketch.entities.push(link)
    return
  }
  const [holder, target] = kind === 'OneToMany' ? [to, from] : [from, to]
  const entity = sketch.entities.find(({ name }) => name === holder.entity)
  if (entity === undefined)
    return void sketch.left.push({
      kind: 'reference',
      name: `${from.entity} to ${to.entity}`,
      at: from.at,
      why: `${holder.entity} is not in the source`,
    })
  entity.references.push({
    ...referenceTo(target, target.name, from.at),
    name: holder.name ?? lowerFirst(target.entity),
    optional: !holder.required,
    unique: kind === 'OneToOne',
  })
}

function referenceTo(target: Side, inverse: string | null, at: SourcePlace): SketchReference {
  return {
    columns: [],
    target: target.entity,
    targetColumns: null,
    onDelete: null,
    name: null,
    inverse,
    optional: !target.required,
    unique: false,
    at,
  }
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`
}

/** The account that JHipster makes itself: a relationship may lead to it without a declaration. */
function addBuiltIn({ entity: name, at }: Side, sketch: DataSketch): void {
  if (name !== 'User' || sketch.entities.some((entity) => entity.name === name)) return
  const user: SketchEntity = newEntity(name, at)
  const field = (called: string, max: number): SketchEntity['fields'][number] => ({
    ...{ name: called, at, type: { type: 'text', max }, optional: false, unique: called !== 'password' },
    note: 'a part of the user that JHipster makes',
  })
  user.fields.push(field('login', 50), field('email', 254), field('password', 100))
  sketch.entities.push(user)
}
