/** Random answers of actions. */

import type { AnswerDesign, AnswerObject, ShapeDesign } from '../../../src/design/authoring/logic-design.ts'
import { aggregate, fieldPath, rowPath, rowsPath, type Spot } from './logic-terms.ts'

type NewShape = readonly [string, ShapeDesign]

/** Random shapes: for each entity one of fields, and for some entities one with further members, which may use those of fields. */
export function randomShapes(
  spot: Spot,
  order: readonly string[],
): { readonly plain: readonly NewShape[]; readonly full: readonly NewShape[] } {
  const { random, fields } = spot
  const plain = order.map((of): NewShape => {
    const shown = Object.entries(fields.get(of) ?? {}).filter(([, { type }]) => [...LEAVES, 'sequence'].includes(type) || type === 'email')
    const picked = shown.filter(() => random.chance(0.5)).map(([name]) => name)
    return [`Brief${of}`, { of, fields: ['id', ...picked] }]
  })
  const shapes = plain.map(([name, { of }]) => ({ name, entity: of }))
  const full = order
    .filter(() => random.chance(0.7))
    .map((of): NewShape => {
      const inner: Spot = { ...spot, shapes, bare: of, rows: [], lists: [], values: [], made: [] }
      return [random.chance(0.3) ? of : `Full${of}`, { of, fields: ['id'], with: randomAnswer(inner) as AnswerObject }]
    })
  return { plain, full }
}

/** An object with one to four parts. */
export function randomAnswer(spot: Spot): AnswerDesign {
  const { random } = spot
  const members = Array.from({ length: 1 + random.below(4) }, (_, i) => [`m${i}`, randomPart(spot, 2)] as const)
  return Object.fromEntries(members)
}

const LEAVES = ['text', 'integer', 'boolean', 'choice', 'timestamp', 'date', 'decimal', 'list', 'ref', 'sequence', 'computed']

function randomPart(spot: Spot, depth: number): AnswerDesign {
  const { random } = spot
  const secret = (spot.made ?? []).find(({ entity }) => spot.fields.get(entity)?.link !== undefined)
  if (secret !== undefined && random.chance(0.4)) return `${secret.name}.link`
  if (spot.bare === null && random.chance(spot.sessions === true ? 0.3 : 0.02)) return 'auth.token'
  const form = random.below(12)
  if (form === 0) return random.pick([1, true, null, '"fixed"'])
  if (form === 1) {
    const at = rowPath(spot)
    return at === null || at.name === '' || spot.bare !== null ? 2 : `${at.entity}(${at.name})`
  }
  if (form === 2) return aggregate(spot) ?? 0
  if (form >= 10) {
    const at = random.chance(0.5) ? rowPath(spot) : null
    const over = at === null ? rowsPath(spot) : null
    const fitting = (spot.shapes ?? []).filter(({ entity }) => entity === (at ?? over)?.entity)
    if (at !== null && at.name !== '' && fitting.length > 0) return `${random.pick(fitting).name}(${at.name})`
    if (over !== null && fitting.length > 0) {
      const name = `s${depth}${random.below(90)}`
      return `${over.name}.map(${name}, ${random.pick(fitting).name}(${name}))`
    }
  }
  if (form <= 4 && depth > 0) {
    const over = rowsPath(spot)
    if (over !== null) {
      const name = `a${depth}${random.below(90)}`
      const inner: Spot = { ...spot, rows: [...spot.rows, ...[1, 2, 3].map(() => ({ name, entity: over.entity }))] }
      const key = random.chance(0.15) && spot.fields.get(over.entity)?.title !== undefined ? { key: `${name}.title` } : {}
      return {
        each: `${name} in ${over.name}`,
        is: random.chance(0.5) ? { n: randomPart(inner, depth - 1) } : randomPart(inner, 0),
        ...key,
      }
    }
  }
  const path = fieldPath(spot, LEAVES)
  const lists = spot.values.filter(({ type }) => type === 'values' || type === 'list')
  if (lists.length > 0 && random.chance(0.2)) return random.pick(lists).name
  if (path === null) return 'auth.id'
  const [start = ''] = path.split('.')
  return start.startsWith('got') && random.chance(0.5) ? `${start} == null ? null : ${path}` : path
}
