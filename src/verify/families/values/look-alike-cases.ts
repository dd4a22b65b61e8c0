/** F102: values of another JSON type that look like those of a field, through every door that sets it. */

import type { Entity, Field } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { DesignField } from '../../expected/written-design.ts'
import type { Refusable } from './ask-refused.ts'
import { lookAlikes } from './look-alikes.ts'
import { refusalFamily, refusalProbe } from './refused-values.ts'
import { type ValueDoor, valueDoors } from './value-doors.ts'

const CLAIM = 'values/other-types'

/**
 * The claim about look-alikes. How a type is read does not depend on the field, so each type is asked once at each door; at those of
 * accounts, which are written in a way of their own, once more.
 */
export function lookAlikeCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  const asked = new Set<string>()
  const probes = model.entities.flatMap((entity) => {
    const isAccount = model.identity?.entity === entity.name
    return entity.fields.flatMap((field): readonly ProbeCase[] => {
      const written = design.entities[entity.name]?.fields[field.name]
      if (written === undefined || written.set !== undefined) return []
      const kind = kindOf(written)
      const isNew = ({ name }: ValueDoor): boolean => !asked.has(`${isAccount} ${kind} ${name}`)
      // To find the doors of a field takes long, so a kind of which all usual doors are asked is left out.
      if (USUAL_DOORS.every((door) => asked.has(`${isAccount} ${kind} ${door}`))) return []
      return valueDoors(asking, entity, field)
        .filter(isNew)
        .flatMap((door) => {
          const found = probeOf({ entity, field, written, door })
          if (found !== null) asked.add(`${isAccount} ${kind} ${door.name}`)
          return found === null ? [] : [found]
        })
    })
  })
  return refusalFamily(
    {
      id: CLAIM,
      claim: 'No door takes a value of another JSON type than that of the field.',
      oracle: 'the design and the reference of its language',
      text: 'for each type of field: numbers and words in texts, numbers for booleans, one value for a list and a list for one value, at each door that sets fields; 400, and no row changes',
    },
    probes,
  )
}

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
function probeOf({ entity, field, written, door }: Asked): ProbeCase | null {
  const requests = lookAlikes(written, door.usual)
    .filter(({ restOnly }) => restOnly !== true || door.api === 'rest')
    .map(({ label, value }): Refusable => ({ label, value, sent: door.requestWith({ [field.name]: value }) }))
  return refusalProbe(CLAIM, {
    entity: entity.name,
    field: field.name,
    door,
    why: `${field.name} takes ${kindOf(written)} alone`,
    requests,
  })
}
