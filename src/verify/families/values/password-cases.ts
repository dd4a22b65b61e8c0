/** F102: each rule about passwords, at each door that sets one. */

import type { Entity, Field } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { BodyValues } from '../../expected/abstract-request.ts'
import { fieldValues } from '../../expected/field-values.ts'
import type { DesignField } from '../../expected/written-design.ts'
import type { Refusable } from './ask-refused.ts'
import { capitalised, guessed, takes } from './guessed-passwords.ts'
import { refusalFamily, refusalProbe } from './refused-values.ts'
import { type ValueDoor, valueDoors } from './value-doors.ts'

const CLAIM = 'values/passwords'

/** The claim about passwords; none where no caller may send one. */
export function passwordCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  const probes = model.entities.flatMap((entity) =>
    entity.fields.flatMap((field): readonly ProbeCase[] => {
      const written = design.entities[entity.name]?.fields[field.name]
      if (field.type.kind !== 'password' || written === undefined) return []
      return valueDoors(asking, entity, field).flatMap((door) => probeOf(asking, entity, { field, written, door }) ?? [])
    }),
  )
  return refusalFamily(
    {
      id: CLAIM,
      claim: 'Every door that sets a password refuses those that the design and the guide to signing in exclude.',
      oracle: 'the design, and the guide to signing in',
      text: 'passwords that are too short, too long, against the pattern, often guessed, the login, its part before the @, or the name of the backend; 400, and the account is as before',
    },
    probes,
  )
}

interface Asked {
  readonly field: Field
  readonly written: DesignField
  readonly door: ValueDoor
}

function probeOf(asking: PlannedWorld, entity: Entity, { field, written, door }: Asked): ProbeCase | null {
  const { design } = asking.reference
  const passwords = [
    ...fieldValues(written).filter(({ allowed, value }) => !allowed && typeof value === 'string'),
    ...guessed(written, design.name),
  ]
  const requests = [
    ...passwords.map(({ label, value }): Refusable => ({ label, value, sent: door.requestWith({ [field.name]: value }) })),
    ...likeLogin(asking, entity, { field, written, door }),
  ]
  const why = 'the design and the guide exclude such a password'
  return refusalProbe(CLAIM, { entity: entity.name, field: field.name, door, why, requests })
}

/** A login of which the whole and its beginning may be passwords by all other rules. */
const LOGIN = 'orchid7-lantern-of-the-glade'

/** The login as the password, and its part before the @: of a new account, of one that its owner changes, and with a new login. */
function likeLogin({ reference }: PlannedWorld, entity: Entity, { field, written, door }: Asked): readonly Refusable[] {
  const { identity } = reference.model
  const login = identity?.entity === entity.name && identity.password === field.name ? identity.login : ''
  const own = door.values[login]
  if (typeof own !== 'string') return []
  const isChange = Object.hasOwn(door.values, 'id')
  const changeable = entity.fields.some(({ name, immutable }) => name === login && !immutable)
  const isFree = reference.design.entities[entity.name]?.fields[login]?.write === undefined
  const mayRename = isFree && changeable && reference.sightOf(door.user).kind.writable(entity.name).has(login)
  const other = own.includes('@') ? `${LOGIN}@${own.split('@')[1]}` : null
  // Of an account that another one changes, the refusal would tell the login.
  const present = isChange && String(door.values.id) === door.user ? own : null
  return [
    ...(present === null ? [] : alike(written, present, {})),
    ...(other === null || (isChange && !mayRename)
      ? []
      : alike(written, other, { [login]: other }).map((one) => ({ ...one, label: `new-${one.label}` }))),
  ].map(({ label, value, also }) => ({ label, value, sent: door.requestWith({ ...also, [field.name]: value }) }))
}

/** A login and its beginning, in a capitalisation that the limits take. */
function alike(written: DesignField, login: string, also: BodyValues) {
  const texts = { login, 'login-beginning': login.split('@')[0] ?? '' }
  return Object.entries(texts).flatMap(([label, text]) => {
    const value = capitalised(text).find((form) => takes(written, form))
    return value === undefined ? [] : [{ label, value, also }]
  })
}
