/** Random answers of actions. */

import type { AnswerDesign } from '../../../src/design/authoring/logic-design.ts'
import { aggregate, fieldPath, rowPath, rowsPath, type Spot } from './logic-terms.ts'

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
  const form = random.below(10)
  if (form === 0) return random.pick([1, true, null, '"fixed"'])
  if (form === 1) {
    const at = rowPath(spot)
    return at === null || at.name === '' ? 2 : `${at.entity}(${at.name})`
  }
  if (form === 2) return aggregate(spot) ?? 0
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
  if (path === null) return 'auth.id'
  const [start = ''] = path.split('.')
  return start.startsWith('got') && random.chance(0.5) ? `${start} == null ? null : ${path}` : path
}
