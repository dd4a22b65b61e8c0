/** Reads the JHipster Domain Language into a sketch. */

import { type DataSketch, newEntity, newSketch, type SketchEntity, type SketchField, type SketchType } from '../sketch/sketch.ts'
import type { SourceText } from '../text/source-file.ts'
import { importTokens, type Token, type TokenReader, tokenReader } from '../text/tokens.ts'
import { addRelationships } from './relationships.ts'
import { jdlType } from './types.ts'

/** Reads a text. @throws ImportError for what is too large or too deep. */
export function readJdl(source: SourceText): DataSketch {
  const sketch = newSketch()
  const reader = tokenReader(importTokens(source))
  const later: (() => void)[] = []
  let comment = ''
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind === 'comment') comment = docOf(token.value)
    if (token.kind !== 'word') continue
    const { at } = token
    switch (token.value) {
      case 'entity': {
        const entity = newEntity(reader.next()?.value ?? '', at)
        if (comment !== '') entity.description = comment
        sketch.entities.push(entity)
        // a table in brackets
        if (reader.take('(')) reader.block('(', ')')
        if (nextIs(reader, '{')) {
          const body = reader.block('{', '}')
          later.push(() => readFields(entity, body, sketch))
        }
        break
      }
      case 'enum': {
        const name = reader.next()?.value ?? ''
        if (nextIs(reader, '{')) sketch.enums.push({ name, values: valuesOf(reader.block('{', '}')), at })
        break
      }
      case 'relationship': {
        const kind = reader.next()?.value ?? ''
        if (nextIs(reader, '{')) {
          const body = reader.block('{', '}')
          later.push(() => addRelationships(kind, body, sketch))
        }
        break
      }
      case 'application':
      case 'deployment':
      case 'config': {
        if (nextIs(reader, '{')) reader.block('{', '}')
        break
      }
      default:
        // options such as `dto * with mapstruct` say how code is generated
        reader.line()
    }
    comment = ''
  }
  for (const read of later) read()
  return sketch
}

/** Passes over lines and comments, and takes a sign if it follows. */
function nextIs(reader: TokenReader, sign: string): boolean {
  reader.skip()
  return reader.take(sign)
}

function docOf(comment: string): string {
  if (!comment.startsWith('/**')) return ''
  return comment
    .replaceAll(/^\/\*\*|\*\/$/g, '')
    .replaceAll(/^\s*\*/gm, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 2_000)
}

function valuesOf(body: readonly Token[]): string[] {
  const reader = tokenReader(body.filter(({ kind }) => kind !== 'comment' && kind !== 'line'))
  const values: string[] = []
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind !== 'word') continue
    values.push(token.value)
    if (reader.take('(')) reader.block('(', ')')
  }
  return values
}

/** A field is a name, a type and validations; commas and lines end it. */
function readFields(entity: SketchEntity, body: readonly Token[], sketch: DataSketch): void {
  const reader = tokenReader(body)
  let comment = ''
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind === 'comment') comment = docOf(token.value)
    if (token.kind === 'sign' && token.value === '@') {
      reader.next()
      if (reader.take('(')) reader.block('(', ')')
    }
    if (token.kind !== 'word') continue
    const type = reader.next()
    if (type?.kind === 'word') addField(entity, { name: token, type: type.value, comment, validations: validationsOf(reader) }, sketch)
    comment = ''
  }
}

/** The validations of a field, with their values. */
function validationsOf(reader: TokenReader): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    if (token.kind === 'line' || token.kind === 'comment' || (token.kind === 'sign' && token.value === ',')) break
    reader.next()
    if (token.kind !== 'word') continue
    found.set(
      token.value,
      reader.take('(')
        ? reader
            .block('(', ')')
            .map(({ value }) => value)
            .join('')
        : '',
    )
  }
  return found
}

interface JdlField {
  readonly name: Token
  readonly type: string
  readonly comment: string
  readonly validations: ReadonlyMap<string, string>
}

function addField(entity: SketchEntity, { name: { value: name, at }, type, comment, validations }: JdlField, sketch: DataSketch): void {
  const isEnum = sketch.enums.some((each) => each.name === type)
  const made = isEnum ? ({ type: 'enum', name: type } as SketchType) : jdlType(type, validations)
  if (made === null)
    return void sketch.left.push({
      kind: 'field',
      name: `${entity.name}.${name}`,
      at,
      why: 'bytes stand in no row; write a field of type file',
    })
  const field: SketchField = { name, at, type: made, optional: !validations.has('required'), unique: validations.has('unique') }
  if (comment !== '') field.description = comment
  entity.fields.push(field)
}
