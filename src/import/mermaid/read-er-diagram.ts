/** Reads an entity relationship diagram of Mermaid into a sketch. */

import { type DataSketch, newEntity, newSketch, type SketchEntity, type SketchField } from '../sketch/sketch.ts'
import { typeOfWords } from '../sql/type-words.ts'
import type { SourcePlace, SourceText } from '../text/source-file.ts'
import { addReferences, type DiagramRelation } from './relations.ts'

const NAME = String.raw`(?:"[^"\n]+"|[\p{L}\p{N}_][\p{L}\p{N}_.-]*)`
/** How many rows a side has. Some generators write the signs of one side on the other. */
const SIGN = String.raw`\|\||\|o|o\||\}\||\}o|\|\{|o\{`
const ENTITY = new RegExp(String.raw`^(${NAME})\s*(?:\[[^\]\n]*\])?\s*(?::::?\s*[\w,]+\s*)?(\{)?\s*(\})?$`, 'u')
/** An entity with one attribute on one line. */
const ONE_LINE = new RegExp(String.raw`^(${NAME})\s*\{([^{}]+)\}$`, 'u')
const RELATION = new RegExp(String.raw`^(${NAME})\s*(${SIGN})\s*(?:--|\.\.)\s*(${SIGN})\s*(${NAME})\s*(?::\s*(.*))?$`, 'u')
const ATTRIBUTE = /^\*?([^\s"]+)\s+\*?([^\s",]+)\s*((?:(?:PK|FK|UK)\s*,?\s*)*)(?:"([^"]*)")?$/u
const OTHER = /^(?:title|accTitle|accDescr|direction|style|classDef|class|---|%%)/

/** Reads the lines of a diagram. A line that is none of its language is listed as left out. */
export function readErDiagram(source: SourceText): DataSketch {
  const sketch = newSketch()
  const relations: DiagramRelation[] = []
  const foreign = new Map<SketchEntity, SketchField[]>()
  let open: SketchEntity | null = null
  const lines = source.text.split('\n')
  for (const [i, raw] of lines.entries()) {
    const line = raw.replace(/%%.*$/, '').trim()
    const at = { file: source.file, line: source.line + i }
    if (line === '' || /^erDiagram\b/.test(line)) continue
    if (open !== null) {
      if (line === '}') open = null
      else if (line.endsWith('}') && addAttribute(open, line.slice(0, -1).trim(), { at, sketch, foreign })) open = null
      else if (!addAttribute(open, line, { at, sketch, foreign }))
        sketch.left.push({
          kind: 'field',
          name: `${open.name}: ${line.slice(0, 60)}`,
          at,
          why: 'it is no attribute: write a type and a name',
        })
      continue
    }
    const relation = RELATION.exec(line)
    if (relation !== null) {
      const [, left = '', leftSign = '', rightSign = '', right = '', label = ''] = relation
      relations.push({
        left: entityAt(left, at, sketch),
        leftSign,
        rightSign,
        right: entityAt(right, at, sketch),
        label: unquoted(label.trim()),
        at,
      })
      continue
    }
    const [, named, attributes] = ONE_LINE.exec(line) ?? []
    if (named !== undefined && attributes !== undefined) {
      addAttribute(entityAt(named, at, sketch), attributes.trim(), { at, sketch, foreign })
      continue
    }
    const entity = ENTITY.exec(line)
    if (entity !== null && !OTHER.test(line)) {
      const found = entityAt(entity[1] ?? '', at, sketch)
      if (entity[2] !== undefined && entity[3] === undefined) open = found
    } else if (!OTHER.test(line))
      sketch.left.push({ kind: 'line', name: line.slice(0, 60), at, why: 'the diagram does not say what it is' })
  }
  addReferences(relations, foreign, sketch)
  return sketch
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1')
}

/** The entity of a name, which a relation may name before its attributes. */
function entityAt(name: string, at: SourcePlace, { entities }: DataSketch): SketchEntity {
  const called = unquoted(name)
  const found = entities.find((entity) => entity.name === called)
  if (found !== undefined) return found
  const made = newEntity(called, at)
  entities.push(made)
  return made
}

interface AttributePlace {
  readonly at: SourcePlace
  readonly sketch: DataSketch
  readonly foreign: Map<SketchEntity, SketchField[]>
}

/** False for a line that is no attribute. */
function addAttribute(entity: SketchEntity, line: string, { at, sketch, foreign }: AttributePlace): boolean {
  if (line === '') return true
  const [, words = '', name = '', keys = '', comment = ''] = ATTRIBUTE.exec(line) ?? []
  if (name === '') return false
  if (entity.fields.some((field) => field.name === name)) return true
  const typed = typeOfWords(words, { enums: new Set(), domains: new Map() })
  const field: SketchField = {
    ...{ name, at, type: typed.kind === 'type' ? typed.type : { type: 'text' }, unique: keys.includes('UK') },
    optional: /\b(?:optional|nullable)\b/i.test(comment),
    ...(typed.kind === 'none' ? { note: `a text: ${words} is no type of the language` } : {}),
    ...(comment === '' ? {} : { description: comment.slice(0, 2_000) }),
  }
  if (typed.kind === 'type' && typed.counted === true) field.type = { type: 'sequence' }
  entity.fields.push(field)
  if (keys.includes('PK')) entity.key = { columns: [...(entity.key?.columns ?? []), name], at: entity.key?.at ?? at }
  if (keys.includes('UK')) sketch.parts.push({ kind: 'unique', name: `${entity.name}(${name})`, at, entity: entity.name, column: name })
  if (keys.includes('FK')) foreign.set(entity, [...(foreign.get(entity) ?? []), field])
  return true
}
