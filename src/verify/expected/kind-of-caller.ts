/** The names and operations that exist for a kind of caller, whatever the rows are. */

import type { Caller } from '../../model/caller.ts'
import { type Entity, entityNamed, type Field, type Model } from '../../model/model.ts'
import type { Oracle } from '../oracle/oracle.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { canBeTrue } from './possible.ts'
import { type AccessRule, ruleOf, type WrittenDesign, type WrittenEntity } from './written-design.ts'

/** The names that exist for a kind of caller. */
export interface KindOfCaller {
  /** Whether the `allow` of an action may hold. What `can` asks of other rows is not looked into. */
  readonly mayRun: (allow: string) => boolean
  readonly mayHold: (entity: string, rule: AccessRule) => boolean
  readonly readable: (entity: string) => ReadonlySet<string>
  readonly writable: (entity: string) => ReadonlySet<string>
}

/** A design, its model and a caller. */
interface Standing {
  readonly design: WrittenDesign
  readonly model: Model
  readonly caller: Caller
}

/** The values that the server sets in a row at creation, or at every write. */
export function setValues(entity: WrittenEntity | undefined, operation: 'create' | 'write', caller: Caller) {
  return Object.entries(entity?.fields ?? {}).flatMap(([name, field]) => {
    if (field.set === undefined || (operation === 'write' && field.on !== 'write')) return []
    return [{ name, field, value: serverValue(field.set, caller) }]
  })
}

/** Whether a value that the server sets is a claim of the caller or random. Others follow from the new row and the clock. */
export function isOfCaller(source: string): boolean {
  return /^auth\.\w+$/.test(source.trim()) || /\b(uuid|random)\(/.test(source)
}

/** A claim of the caller, or the present time for a value that reads the clock. */
function serverValue(source: string, caller: Caller) {
  const now = new Date().toISOString()
  if (source.includes('today()')) return now.slice(0, 10)
  return source.includes('now()') ? now : (caller.claims.get(source.trim().replace('auth.', '')) ?? null)
}

/** The same as an object of values by name. */
export function setRow(entity: WrittenEntity | undefined, operation: 'create' | 'write', caller: Caller): PlainRow {
  return Object.fromEntries(setValues(entity, operation, caller).map(({ name, value }) => [name, value as PlainValue]))
}

/** Whether transitions of a workflow alone change the field. */
function isMoved({ workflows = {} }: WrittenDesign, entity: string, field: string): boolean {
  return Object.values(workflows).some((workflow) => workflow.entity === entity && workflow.field === field)
}

/** Where references and relations of entities lead. */
function targetIn(model: Model): (entity: string, name: string) => string | null {
  return (entity, name) => {
    const { fields, relations } = entityNamed(model, entity)
    const type = fields.find((field) => field.name === name)?.type
    return type?.kind === 'ref' ? type.entity : (relations.find((relation) => relation.name === name)?.entity ?? null)
  }
}

/** What a caller may name and do on some row. @param oracle answers about the caller alone. */
export function kindOf(standing: Standing, oracle: Oracle): KindOfCaller {
  const { design, model, caller } = standing
  const decide = (source: string) => oracle.decide({ source, entity: null, row: null, caller, input: {}, now: new Date() })
  const possible = new Map<string, boolean>()
  const mayBeTrue = (entity: string | null, source: string | null): boolean => {
    if (source === null) return false
    const key = `${entity} ${source}`
    const known = possible.get(key)
    if (known !== undefined) return known
    // Of an update, `can` asks the rule of the row as it is.
    const canHold = (operation: string, target: string): boolean =>
      mayBeTrue(target, ruleOf(design.entities[target], operation === 'update' ? 'update.from' : (operation as AccessRule)))
    const found = canBeTrue(source, { caller, rules: design.rules ?? {}, decide, entity, target: targetIn(model), canHold })
    possible.set(key, found)
    return found
  }
  /** Whether this caller has a value for each required field that the server sets in the operation. */
  const hasValues = (entity: WrittenEntity | undefined, rule: AccessRule): boolean => {
    const operation = rule === 'create' ? 'create' : rule === 'update.from' || (rule === 'delete' && entity?.softDelete) ? 'write' : null
    const set = operation === null ? [] : setValues(entity, operation, caller)
    // A value that follows from the row is optional unless it always has one.
    return set.every(({ field, value }) => field.optional === true || value !== null || !isOfCaller(field.set ?? ''))
  }
  const names = (which: (entity: Entity, field: Pick<Field, 'name'>) => boolean) => {
    const known = new Map<string, ReadonlySet<string>>()
    return (name: string): ReadonlySet<string> => {
      let set = known.get(name)
      if (set === undefined) {
        const entity = entityNamed(model, name)
        set = new Set([...entity.fields, ...entity.derived].filter((field) => which(entity, field)).map((field) => field.name))
        known.set(name, set)
      }
      return set
    }
  }
  const authored = (entity: Entity, field: Pick<Field, 'name'>) => design.entities[entity.name]?.fields[field.name]
  return {
    mayRun: (allow) => mayBeTrue(null, allow),
    mayHold: (entity, rule) => mayBeTrue(entity, ruleOf(design.entities[entity], rule)) && hasValues(design.entities[entity], rule),
    readable: names((entity, field) => {
      const own = authored(entity, field)
      return own?.type !== 'password' && own?.type !== 'token' && (own?.read === undefined || mayBeTrue(entity.name, own.read))
    }),
    writable: names((entity, field) => {
      const own = authored(entity, field)
      return (
        own !== undefined &&
        // The database numbers the rows.
        !(field.name === 'id' && own.type === 'integer') &&
        !isMoved(design, entity.name, field.name) &&
        own.type !== 'computed' &&
        own.type !== 'sequence' &&
        own.type !== 'token' &&
        own.set === undefined &&
        (own.write === undefined || mayBeTrue(entity.name, own.write))
      )
    }),
  }
}
