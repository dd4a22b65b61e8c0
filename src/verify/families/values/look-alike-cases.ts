/** F102: values that every door refuses which sets a field: those of another JSON type, and numbers of too many digits. */

import type { Entity, Field } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { DesignField } from '../../expected/written-design.ts'
import { amountDoors } from './amount-doors.ts'
import type { Refusable } from './ask-refused.ts'
import { excessDigits } from './excess-digits.ts'
import { type LookAlike, lookAlikes } from './look-alikes.ts'
import { type RefusalClaim, refusalFamily, refusalProbe } from './refused-values.ts'
import { type ValueDoor, valueDoors } from './value-doors.ts'

/** What is refused, and where. */
interface Refusing {
  readonly of: RefusalClaim
  readonly valuesOf: (field: DesignField, right: unknown) => readonly LookAlike[]
  readonly doorsOf: (asking: PlannedWorld, entity: Entity, field: Field) => readonly ValueDoor[]
}

const ORACLE = 'the design and the reference of its language'

const OTHER_TYPES: Refusing = {
  of: {
    id: 'values/other-types',
    claim: 'No door takes a value of another JSON type than that of the field.',
    oracle: ORACLE,
    text: 'for each type of field: numbers and words in texts, numbers for booleans, one value for a list and a list for one value, at each door that sets fields; 400, and no row changes',
  },
  valuesOf: lookAlikes,
  doorsOf: valueDoors,
}

const DIGITS: Refusing = {
  of: {
    id: 'values/digits',
    claim: 'No door takes a number with more digits than its field holds.',
    oracle: ORACLE,
    text: 'for each type of number: too many digits before and after the point, as text, as a number and with an exponent, at each door that sets fields or adds to them; 400, and no row changes',
  },
  valuesOf: excessDigits,
  doorsOf: (asking, entity, field) => [...valueDoors(asking, entity, field), ...amountDoors(asking, entity, field)],
}

/** The claims about values of another type, and about digits. */
export function lookAlikeCases(asking: PlannedWorld): readonly PlannedFamily[] {
  return [OTHER_TYPES, DIGITS].flatMap((refusing) => refusalsOf(asking, refusing))
}

/**
 * One claim. How a type is read does not depend on the field, so each type is asked once at each door; at those of accounts, which are
 * written in a way of their own, once more.
 */
function refusalsOf(asking: PlannedWorld, refusing: Refusing): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  const asked = new Set<string>()
  const probes = model.entities.flatMap((entity) => {
    const isAccount = model.identity?.entity === entity.name
    return entity.fields.flatMap((field): readonly ProbeCase[] => {
      const written = design.entities[entity.name]?.fields[field.name]
      if (written === undefined || written.set !== undefined || refusing.valuesOf(written, SOME).length === 0) return []
      const kind = kindOf(written)
      const isNew = ({ name }: ValueDoor): boolean => !asked.has(`${isAccount} ${kind} ${name}`)
      // To find the doors of a field takes long, so a kind of which all usual doors are asked is left out.
      if (USUAL_DOORS.every((door) => asked.has(`${isAccount} ${kind} ${door}`))) return []
      return refusing
        .doorsOf(asking, entity, field)
        .filter(isNew)
        .flatMap((door) => {
          const found = probeOf(refusing, { entity, field, written, door })
          if (found !== null) asked.add(`${isAccount} ${kind} ${door.name}`)
          return found === null ? [] : [found]
        })
    })
  })
  return refusalFamily(refusing.of, probes)
}

/** Any value: whether there is something to refuse does not depend on it. */
const SOME = ['0']

/** Doors that nearly all fields have. */
const USUAL_DOORS = ['create', 'nested', 'patch', 'put']

/** The type of a field, and of the items of a list. */
function kindOf({ type, of }: DesignField): string {
  return of === undefined ? type : `${type} of ${of.type}`
}

interface Asked {
  readonly entity: Entity
  readonly field: Field
  readonly written: DesignField
  readonly door: ValueDoor
}

/** The probe of a field and a door; null where the write has no value of the field to compare with. */
function probeOf({ of: { id }, valuesOf }: Refusing, { entity, field, written, door }: Asked): ProbeCase | null {
  const requests = valuesOf(written, door.usual)
    .filter(({ restOnly }) => restOnly !== true || door.api === 'rest')
    .map(({ label, value }): Refusable => ({ label, value, sent: door.requestWith({ [field.name]: value }) }))
  return refusalProbe(id, {
    entity: entity.name,
    field: field.name,
    door,
    why: `${field.name} takes ${kindOf(written)} alone`,
    requests,
  })
}
