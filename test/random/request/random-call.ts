/** Random calls of actions: mostly with rows and values that the action accepts, sometimes with others. */

import { entityNamed, fieldNamed } from '../../../src/model/model.ts'
import { isLive } from '../../../src/verify/expected/reference.ts'
import { type AuthoredInput, inputsOf, keyOf } from '../../../src/verify/fold/input.ts'
import type { CalledAction } from '../../../src/verify/fold/outcome.ts'
import type { ActionDesignAt } from '../../../src/verify/fold/written-actions.ts'
import { NUMBERS, WORDS } from '../design/authored.ts'
import { type Asker, randomId, rowsOf, sampleOf, strangeId } from '../design/random-value.ts'
import { isPassword, PASSWORDS, WEAK_PASSWORD } from '../reference/actions/passwords.ts'
import { type InputPlace, isSayable, type OwnAddress, placeAt, UNKNOWN } from './own-address.ts'

/** Whether an action only reads, and its address; null for the usual one. */
export interface CalledAt {
  readonly reads: boolean
  readonly address: OwnAddress | null
}

/** A call of an action. Some places of a request, such as the query string of an action that reads, have no null and no empty list. */
export function randomCall(asker: Asker, action: ActionDesignAt, { reads, address }: CalledAt): CalledAction {
  const { random, reference } = asker
  const { entity, name } = action
  const id = entity === null ? null : rowFor(asker, action, entity)
  const input: Record<string, unknown> = {}
  const login = randomLogin(asker)
  for (const one of inputsOf(action)) {
    const place = address === null ? (reads ? 'query' : 'body') : placeAt(address, one.name).in
    const isNeeded = place === 'path'
    if ((one.isOptional || one.preset !== null) && random.chance(0.4)) continue
    if (!isNeeded && random.chance(0.01)) continue
    const value = random.chance(0.015)
      ? wrongValue(asker, one, place)
      : one.name === 'login' || one.name === 'secret'
        ? login[one.name]
        : inputValue(asker, one)
    const isSaid = (said: unknown): boolean => isSayable(said, { place, accepts: address?.accepts ?? 'json' })
    if (isSaid(value)) input[one.name] = value
    else if (isNeeded) input[one.name] = Array.from({ length: 20 }, () => inputValue(asker, one)).find(isSaid)
  }
  if (random.chance(0.01)) input[UNKNOWN] = 'x'
  const version =
    entity === null || reads || random.chance(0.8)
      ? null
      : Number(reference.find(entity, String(id))?.version ?? 1) + (random.chance(0.7) ? 0 : 1)
  const key = entity === null || address?.row === null || address === null ? null : keyFor(asker, { entity, id }, address.row.by)
  return { entity, name, id, key, isBare: random.chance(0.3), input, version }
}

/** The value of the field that finds the row, or of no row. */
function keyFor(
  { random, reference }: Asker,
  { entity, id }: { readonly entity: string; readonly id: string | null },
  by: string | undefined,
): string | null {
  if (by === undefined || by === 'id') return null
  const row = reference.find(entity, String(id))
  const value = row === undefined || random.chance(0.03) ? null : keyOf(reference.model, entity, { row, by })
  return String(value ?? random.pick(['no such code', 'nobody@example.com']))
}

/** A login and a password: mostly those of one account. */
function randomLogin(asker: Asker): { readonly login: string; readonly secret: string } {
  const { random } = asker
  const [row] = [random.pick(rowsOf(asker, 'User'))]
  const right = PASSWORDS.find((password) => isPassword(password, row.password)) ?? PASSWORDS[0] ?? ''
  return {
    login: random.chance(0.1) ? 'nobody@example.com' : String(row.email),
    secret: random.chance(0.7) ? right : random.pick(PASSWORDS),
  }
}

/** The row of a call. No call deletes the accounts of the callers. */
function rowFor(asker: Asker, { design }: ActionDesignAt, entity: string): string {
  const { random, sight, kept } = asker
  const deletes = (design.steps ?? []).some((step) => 'delete' in step && step.delete === 'row')
  if (deletes && entity === 'User') {
    const others = rowsOf(asker, entity).filter(({ id }) => !kept.has(String(id)))
    return others.length === 0 ? strangeId(random) : String(random.pick(others).id)
  }
  const seen = rowsOf(asker, entity).filter((row) => isLive(row) && sight.sees(entity, row))
  return seen.length > 0 && random.chance(0.8) ? String(random.pick(seen).id) : randomId(asker, entity)
}

/** A value of another type than any text, number or boolean input has. In an address all values are texts. */
function wrongValue(asker: Asker, input: AuthoredInput, place: InputPlace['in']): unknown {
  if (place !== 'body' && isOfFewTexts(asker, input)) return 'wrong!'
  return asker.random.chance(0.5) ? { wrong: true } : null
}

/** Whether most texts are no value of the input. */
function isOfFewTexts({ reference }: Asker, { kind }: AuthoredInput): boolean {
  if (kind.kind === 'scalar') return kind.scalar === 'integer' || kind.scalar === 'boolean'
  if (kind.kind === 'reference') return false
  const { type } = fieldNamed(entityNamed(reference.model, kind.entity), kind.field)
  return type.kind === 'choice' || (type.kind === 'scalar' && ['integer', 'boolean'].includes(type.scalar))
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
      if (field.type.kind === 'password') return random.chance(0.1) ? WEAK_PASSWORD : random.pick(PASSWORDS)
      return field.optional && random.chance(0.15) ? null : sampleOf(asker, field)
    }
    case 'scalar':
      if (kind.list) return Array.from({ length: random.below(4) }, () => random.pick(WORDS))
      if (kind.scalar !== 'integer') return random.pick(WORDS)
      return random.chance(0.05) ? 9 : random.pick(NUMBERS)
  }
}
