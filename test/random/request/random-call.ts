/** Random calls of actions: mostly with rows and values that the action accepts, sometimes with others. */

import { entityNamed, fieldNamed } from '../../../src/model/model.ts'
import { NUMBERS, WORDS } from '../design/authored.ts'
import { type Asker, randomId, rowsOf, sampleOf, strangeId } from '../design/random-value.ts'
import type { ActionDesignAt } from '../reference/actions/authored-actions.ts'
import { type AuthoredInput, inputsOf, keyOf } from '../reference/actions/input.ts'
import type { ActionCall } from '../reference/actions/outcome.ts'
import { isLive } from '../reference/reference.ts'

/** A call of an action. A call of an action that reads has its input in a query string, which has no null and no empty list. */
export function randomCall(asker: Asker, action: ActionDesignAt, reads: boolean): ActionCall {
  const { random, reference } = asker
  const { entity, name } = action
  const id = entity === null ? null : rowFor(asker, entity)
  const input: Record<string, unknown> = {}
  for (const one of inputsOf(action)) {
    if ((one.isOptional || one.preset !== null) && random.chance(0.4)) continue
    if (random.chance(0.01)) continue
    const value = random.chance(0.015) ? wrongValue(asker) : inputValue(asker, one)
    const isSayable = !reads || (value !== null && (!Array.isArray(value) || value.length > 0) && typeof value !== 'object')
    if (isSayable || (reads && Array.isArray(value) && value.length > 0)) input[one.name] = value
  }
  if (random.chance(0.01)) input.nothing = 'x'
  const version =
    entity === null || reads || random.chance(0.8)
      ? null
      : Number(reference.find(entity, String(id))?.version ?? 1) + (random.chance(0.7) ? 0 : 1)
  return { entity, name, id, input, version }
}

function rowFor(asker: Asker, entity: string): string {
  const { random, sight } = asker
  const seen = rowsOf(asker, entity).filter((row) => isLive(row) && sight.sees(entity, row))
  return seen.length > 0 && random.chance(0.8) ? String(random.pick(seen).id) : randomId(asker, entity)
}

/** A value of another type than any text, number or boolean input has. */
function wrongValue({ random }: Asker): unknown {
  return random.chance(0.5) ? { wrong: true } : null
}

function inputValue(asker: Asker, { kind }: AuthoredInput): unknown {
  const { random, reference, sight } = asker
  switch (kind.kind) {
    case 'reference': {
      const rows = rowsOf(asker, kind.entity).filter(isLive)
      const seen = rows.filter((row) => sight.sees(kind.entity, row))
      const [row] = [random.pick(random.chance(0.8) && seen.length > 0 ? seen : [...rows, null])]
      const value = row === null ? null : keyOf(reference.model, kind.entity, { row, by: kind.by })
      return value ?? (kind.by === 'id' ? strangeId(random) : 'no such code')
    }
    case 'field': {
      const field = fieldNamed(entityNamed(reference.model, kind.entity), kind.field)
      return field.optional && random.chance(0.15) ? null : sampleOf(asker, field)
    }
    case 'scalar':
      if (kind.list) return Array.from({ length: random.below(4) }, () => random.pick(WORDS))
      if (kind.scalar !== 'integer') return random.pick(WORDS)
      return random.chance(0.05) ? 9 : random.pick(NUMBERS)
  }
}
