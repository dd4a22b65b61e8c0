/** Reads an entity relationship diagram of Mermaid into a sketch. */

import { type DataSketch, newEntity, newSketch, type SketchEntity, type SketchField } from '../sketch/sketch.ts'
import { typeOfWords } from '../sql/type-words.ts'
import { ImportError, type SourcePlace, type SourceText } from '../text/source-file.ts'
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

/** The most entities of a diagram. A design has at most 500. */
const MAX_NAMES = 2_000

/** Reads the lines of a diagram. A line that is none of its language is listed as left out. */
export function readErDiagram(source: SourceText): DataSketch {
  const sketch = newSketch()
  const relations: DiagramRelation[] = []
  const foreign = new Map<SketchEntity, SketchField[]>()
  let open: SketchEntity | null = null
  const lines = source.text.split('\n')
  const isNameFirst = namesFirst(lines)
  for (const [i, raw] of lines.entries()) {
    const line = raw.replace(/%%.*$/, '').trim()
    const at = { file: source.file, line: source.line + i }
    if (line === '' || /^erDiagram\b/.test(line)) continue
    if (open !== null) {
      if (line === '}') open = null
      else if (line.endsWith('}') && addAttribute(open, line.slice(0, -1).trim(), { at, sketch, foreign, isNameFirst })) open = null
      else if (!addAttribute(open, line, { at, sketch, foreign, isNameFirst }))
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
      addAttribute(entityAt(named, at, sketch), attributes.trim(), { at, sketch, foreign, isNameFirst })
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
  if (entities.length >= MAX_NAMES)
    throw new ImportError(at, `more than ${MAX_NAMES} entities`, 'import it in parts, each for a backend of its own')
  const made = newEntity(called, at)
  entities.push(made)
  return made
}

interface AttributePlace {
  readonly at: SourcePlace
  readonly sketch: DataSketch
  readonly foreign: Map<SketchEntity, SketchField[]>
  readonly isNameFirst: boolean
}

const NO_TYPES = { enums: new Set<string>(), domains: new Map() }

function isType(word: string): boolean {
  return word.toLowerCase() === 'enum' || typeOfWords(word, NO_TYPES).kind === 'type'
}

/** Whether a diagram has the names of attributes before their types, as many are written: more lines say so than say the opposite. */
function namesFirst(lines: readonly string[]): boolean {
  let sum = 0
  for (const line of lines) {
    const [, first, second] = ATTRIBUTE.exec(line.trim()) ?? []
    if (first !== undefined && second !== undefined && isType(first) !== isType(second)) sum += isType(second) ? 1 : -1
  }
  return sum > 0
}

/** An attribute without a type is a text. `timestamps` means two that Plinth maintains. False for a line of several words. */
function addBareAttribute(entity: SketchEntity, name: string, { at, sketch }: Pick<AttributePlace, 'at' | 'sketch'>): boolean {
  if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return false
  if (/^timestamps?$/i.test(name)) {
    const object = { kind: 'field', name: `${entity.name}.${name}`, at }
    sketch.parts.push({ ...object, entity: entity.name, column: null, note: 'Plinth maintains createdAt and updatedAt' })
  } else if (!entity.fields.some((field) => field.name === name))
    entity.fields.push({ name, at, type: { type: 'text' }, optional: false, unique: false, note: 'a text: the diagram has no type' })
  return true
}

/** False for a line that is no attribute. */
function addAttribute(entity: SketchEntity, line: string, { at, sketch, foreign, isNameFirst }: AttributePlace): boolean {
  if (line === '') return true
  const [, first = '', second = '', keys = '', comment = ''] = ATTRIBUTE.exec(line) ?? []
  if (second === '') return addBareAttribute(entity, line, { at, sketch })
  const [words, name] = isNameFirst && isType(second) ? [second, first] : [first, second]
  if (entity.fields.some((field) => field.name === name)) {
    sketch.left.push({ kind: 'field', name: `${entity.name}.${name}`, at, why: 'the entity has an attribute of this name already' })
    return true
  }
  const typed = typeOfWords(words, NO_TYPES)
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
