/** F102: a value is stored and answered in one form, in whatever spelling it is sent, and a taken one is taken in each of them. */

import { isDeepStrictEqual } from 'node:util'
import type { Entity, Field } from '../../../model/model.ts'
import { isSealed } from '../../../model/privacy/sealed.ts'
import { isEncrypted } from '../../../model/scalar.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { canonical } from '../../expected/canonical.ts'
import { type AllRows, isLive } from '../../expected/reference.ts'
import { answersAlike, uniquesOf } from '../../expected/written-design.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { PlainValue } from '../../oracle/oracle-values.ts'
import { plainName } from '../../requests/graphql-words.ts'
import { refusalFamily } from './refused-values.ts'
import { AS_THEY_ARE, respelled, type Spelling } from './respelled.ts'
import { type ValueDoor, valueDoors } from './value-doors.ts'

const CLAIM = 'values/spellings'
const SEALED_CLAIM = 'values/encrypted'

/** Doors that create two rows with the same unique values, which is refused. */
const OF_TWO: ReadonlySet<string> = new Set(['create-many', 'create-bulk', 'graphql-many'])

/** Doors that others are like, left out where each write hashes a password, which takes long. */
const ALIKE: ReadonlySet<string> = new Set(['create-bulk', 'graphql-many', 'graphql-literal', 'graphql-literal-update'])

/** The claim about spellings. How a type is read does not depend on the field, so each type is asked once at each door. */
export function spellingCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  const known = new Set<string>()
  const probes = model.entities.flatMap((entity) => {
    const own = design.entities[entity.name]
    const singles = uniquesOf(own).flatMap(({ names, where }) => (names.length === 1 && where === 'true' ? names : []))
    return entity.fields.flatMap((field): readonly ProbeCase[] => {
      const kind = kindOf(field)
      const isUnique = singles.includes(field.name)
      const isAsked = own?.fields[field.name]?.set === undefined && kind !== null && (isUnique || !known.has(`${entity.name} ${kind}`))
      if (!isAsked || field.name === 'id') return []
      known.add(`${entity.name} ${kind}`)
      const isCostly = entity.fields.some(({ type }) => type.kind === 'password')
      const doors = valueDoors(asking, entity, field).filter(({ name }) => !(isCostly && ALIKE.has(name)))
      return doors.flatMap((door) => {
        const at: Asked = { asking, entity, field, door }
        const isNew = !known.has(`${kind} ${door.name}`) && !(OF_TWO.has(door.name) && uniquesOf(own).length > 0) && !answersAlike(own)
        const found = [isNew ? storedProbe(at) : null, isUnique ? takenProbe(at) : null].filter((one) => one !== null)
        if (isNew && found.length > 0) known.add(`${kind} ${door.name}`)
        return found
      })
    })
  })
  const spelled = refusalFamily(
    {
      id: CLAIM,
      claim: 'A value is stored and answered in one form, and a taken value is taken in each spelling.',
      oracle: 'the reference of the language of designs',
      text: 'other spellings of a value of each type at each door that sets fields: letter case, zeros, exponents, offsets, units; texts as they are; unique values of other rows',
    },
    probes.filter(({ claim }) => claim === CLAIM),
  )
  const sealed = refusalFamily(
    {
      id: SEALED_CLAIM,
      claim: 'The database has encrypted fields encrypted, for their row, and answers have the text that was sent.',
      oracle: 'the rows of the database, decrypted with the key of the run',
      text: 'texts at each door that sets an encrypted field; a value that the database has in clear text, or that belongs to another row, is a finding',
    },
    probes.filter(({ claim }) => claim === SEALED_CLAIM),
  )
  return [...spelled, ...sealed]
}

/** The type of a field as far as it decides how values are spelled; null for one without spellings. */
function kindOf({ type }: Field): string | null {
  if (type.kind === 'scalar' && type.boundTo !== undefined) return type.boundTo
  if (type.kind === 'scalar') return ['boolean', 'json', 'url', 'date'].includes(type.scalar) ? null : type.scalar
  if (type.kind === 'ref') return 'ref'
  return type.kind === 'list' && type.of.kind === 'scalar' && type.of.scalar === 'text' ? 'list' : null
}

interface Asked {
  readonly asking: PlannedWorld
  readonly entity: Entity
  readonly field: Field
  readonly door: ValueDoor
}

/** What is sent, and what must then be stored. */
interface Stored extends Spelling {
  readonly stored: PlainValue
}

function spellingsAt({ field: { type }, door: { usual, api } }: Asked): readonly Stored[] {
  if (usual === undefined || usual === null) return []
  const texts = (of: { readonly min: unknown; readonly max: unknown; readonly pattern: unknown }): readonly string[] =>
    of.pattern === null && Number(of.min ?? 0) <= 1 && Number(of.max ?? 20) >= 20 ? AS_THEY_ARE : []
  if (type.kind === 'list') {
    const items = type.of.kind === 'scalar' ? texts(type.of) : []
    const most = [...items, ...items].slice(0, type.max)
    return most.length === 0 || Number(type.min ?? 0) > most.length ? [] : [{ label: 'as-it-is', value: most, stored: most }]
  }
  if (type.kind === 'scalar' && (type.scalar === 'text' || isEncrypted(type.scalar)))
    return texts(type).map((text, i) => ({ label: `as-it-is-${i + 1}`, value: text, stored: text }))
  const stored = canonical(type, usual as PlainValue)
  return respelled(type, stored)
    .filter(({ value }) => api === 'rest' || typeof value !== 'object' || value === null || !('id' in value))
    .map((one) => ({ ...one, stored }))
}

const NOT_USUAL = 'the write with the usual values is refused at this door'
const WHY_STORED = 'the spelling of a value decides nothing'

/** Each spelling is taken. New rows are removed, so that the next one has the same values. */
function storedProbe(at: Asked): ProbeCase | null {
  const { field, door } = at
  const all = spellingsAt(at)
  if (all.length === 0) return null
  return probeOf(at, 'stored', async (tools) => {
    const token = tools.tokenOf(door.user)
    const usual = door.requestWith({})
    const first = await tools.send({ ...usual, token })
    // Rows that belong together may have unique values which only one of them can have.
    if (!isDone(door, first))
      return { wrong: null, left: { [goalOf(at, 'stored')]: NOT_USUAL }, statuses: [200, 201], why: WHY_STORED, sent: usual, answer: first }
    await removeNew(tools, at, await tools.rows())
    let last: ProbeOutcome | null = null
    for (const { label, value, stored, mayFail } of all) {
      const sent = door.requestWith({ [field.name]: value as PlainValue })
      const answer = await tools.send({ ...sent, token })
      const isRefused = !isDone(door, answer)
      const wrong = isRefused
        ? mayFail === true && answer.status < 500
          ? null
          : `status ${answer.status}: ${answer.text.slice(0, 200)}`
        : await storedOtherwise(tools, at, { stored, answer })
      const why = WHY_STORED
      last = {
        wrong: wrong === null ? null : `${label}, ${JSON.stringify(value).slice(0, 80)}: ${wrong}`,
        statuses: [200, 201],
        why,
        sent,
        answer,
      }
      if (wrong !== null) return last
    }
    if (last === null) throw new Error('there are spellings')
    return last
  })
}

/** Whether a write took place. */
function isDone({ api }: ValueDoor, { status, json }: Answered): boolean {
  const isRefused = api === 'graphql' && Array.isArray(json?.errors) && json.errors.length > 0
  return status >= 200 && status < 300 && !isRefused
}

interface Written {
  readonly stored: PlainValue
  readonly answer: Answered
}

/** Removes new rows, those that refer to others before them. */
async function removeNew(tools: ProbeTools, { entity }: Asked, after: AllRows): Promise<void> {
  const added = newRows(tools.before, after)
  for (const name of new Set([entity.name, ...added.keys()]))
    for (const one of added.get(name) ?? []) await tools.removeRow(name, String(one.id))
}

async function storedOtherwise(tools: ProbeTools, at: Asked, { stored, answer }: Written): Promise<string | null> {
  const { asking, entity, field, door } = at
  const after = await tools.rows()
  const added = newRows(tools.before, after)
  const ours = added.get(entity.name) ?? (after.get(entity.name) ?? []).filter(({ id }) => id === door.values.id)
  const isStored = (one: unknown): boolean => isDeepStrictEqual(one, stored)
  // Of two new rows, one has the usual values.
  const wrong = ours.some((one) => isStored(one[field.name])) ? undefined : ours[0]
  if (ours.length === 0) return 'no row was written'
  if (wrong !== undefined) return `the row has ${JSON.stringify(wrong[field.name])}, expected ${JSON.stringify(stored)}`
  await removeNew(tools, at, after)
  const caller = { reference: asking.reference }
  // The caller may not be allowed to read the field.
  const told = valuesNamed(answer.json, door.api === 'graphql' ? plainName(caller, entity, field.name) : field.name).filter(
    (one) => one !== null,
  )
  return told.length === 0 || told.some(isStored) ? null : `the answer has ${JSON.stringify(told[0])}, expected ${JSON.stringify(stored)}`
}

function newRows(before: AllRows, after: AllRows): ReadonlyMap<string, readonly PlainRow[]> {
  const found = [...after].map(([name, rows]) => {
    const known = new Set((before.get(name) ?? []).map(({ id }) => id))
    return [name, rows.filter(({ id }) => !known.has(id))] as const
  })
  return new Map(found.filter(([, rows]) => rows.length > 0))
}

/** All values of members with a name, at any depth, also inside of one another: an operation of a transaction has a `body`, too. */
function valuesNamed(json: unknown, name: string): readonly unknown[] {
  if (typeof json !== 'object' || json === null) return []
  if (Array.isArray(json)) return json.flatMap((one) => valuesNamed(one, name))
  return Object.entries(json).flatMap(([own, value]) => [...(own === name ? [value] : []), ...valuesNamed(value, name)])
}

const WHY_TAKEN = 'the value is unique, in whatever spelling it is sent'

/** The value of another row in each spelling is refused, and nothing changes. */
function takenProbe(at: Asked): ProbeCase | null {
  const { asking, entity, field, door } = at
  const others = (asking.reference.rows().get(entity.name) ?? []).filter((row) => isLive(row) && row.id !== door.values.id)
  const taken = others.find((row) => (row[field.name] ?? null) !== null)
  const all = taken === undefined ? [] : respelled(field.type, taken[field.name] ?? null).filter(({ value }) => typeof value === 'string')
  if (all.length === 0) return null
  return probeOf(at, 'taken', async (tools) => {
    const token = tools.tokenOf(door.user)
    let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
    for (const { label, value } of all) {
      const sent = door.requestWith({ [field.name]: value as PlainValue })
      const answer = await tools.send({ ...sent, token })
      last = { sent, answer }
      const outcome = { statuses: [409], why: WHY_TAKEN, ...last }
      if (isDone(door, answer) && !answersAlike(asking.reference.design.entities[entity.name]))
        return { ...outcome, wrong: `${label}, ${value}: status ${answer.status}` }
      if (JSON.stringify([...(await tools.rows())]) !== JSON.stringify([...tools.before]))
        return { ...outcome, wrong: `${label}, ${value}: answered ${answer.status}, and the rows changed` }
    }
    if (last === null) throw new Error('there are spellings')
    return { wrong: null, statuses: [409], why: WHY_TAKEN, ...last }
  })
}

type What = 'stored' | 'taken'

function goalOf({ entity, field, door }: Asked, what: What): string {
  return `${entity.name}.${field.name}/${what}-${door.name}`
}

function probeOf(at: Asked, what: What, ask: ProbeCase['ask']): ProbeCase {
  const { door, field } = at
  const goal = goalOf(at, what)
  const claim = isSealed(field) ? SEALED_CLAIM : CLAIM
  return {
    ...{ name: `${claim}/${goal}`, claim, door: door.name, user: door.user, goals: [goal], atoms: {}, ask },
    // What may have been written was looked at.
    ...(what === 'stored' ? { rows: () => null } : {}),
  }
}
