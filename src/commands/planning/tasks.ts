/** The tasks of a design: those of Plinth and those of people. */

import { formatPath } from '../../base/diagnostic.ts'
import { viewFor, viewOf } from '../../compile/rules/view.ts'
import { restBase } from '../../model/address/served.ts'
import { ANONYMOUS, LASTS_SECONDS } from '../../model/caller.ts'
import type { Operation } from '../../model/expression.ts'
import { type Entity, entityNamed, type IdentityModel, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { codeToWrite } from '../terminal/code-to-write.ts'
import { count } from '../terminal/layout.ts'

/** One task. */
export interface Task {
  readonly part: 'data' | 'api' | 'access' | 'identity' | 'operations' | 'code' | 'open'
  /** `plinth`: done by `plinth up`. `person`: a person must decide or write it. `later`: no version of Plinth does it yet. */
  readonly by: 'plinth' | 'person' | 'later'
  readonly what: string
}

const OPERATIONS: readonly Operation[] = ['read', 'create', 'update', 'delete']

/** Returns all tasks of a design, in the order in which they are done. */
export function tasksOf(model: Model): readonly Task[] {
  return [
    ...model.entities.map((entity): Task => ({ part: 'data', by: 'plinth', what: `table ${entity.table} for ${entity.name}` })),
    ...model.entities.flatMap((entity) => apiTask(model, entity)),
    ...accessTasks(model),
    ...identityTasks(model),
    { part: 'operations', by: 'plinth', what: 'OpenAPI document, health checks, problem details for every error' },
    ...undecidedOperations(model).map(
      ({ entity, operation }): Task => ({
        part: 'access',
        by: 'person',
        what: `decide who may ${operation} ${entity}: closed to all until then`,
      }),
    ),
    ...requirementTasks(model),
    ...model.scenarios
      .filter(({ calls }) => calls.length === 0)
      .map(({ name }): Task => ({ part: 'open', by: 'person', what: `write the scenario ${name} as data: verify tries it then` })),
    ...contractTasks(model),
    ...codeToWrite(model).map((what): Task => ({ part: 'code', by: 'person', what })),
    ...model.pending.map(({ path, feature }): Task => ({ part: 'open', by: 'later', what: `${formatPath(path)}: ${feature}` })),
  ]
}

/** The requirements that nobody has decided. Their texts are in the list of requirements. */
function requirementTasks({ requirements }: Model): readonly Task[] {
  const open = requirements.filter(({ status }) => status === 'open' || status === 'unmapped')
  return open.map(({ id, status }) => ({
    part: 'open',
    by: 'person',
    what: status === 'open' ? `decide ${id}: nothing meets it until then` : `say what meets ${id}`,
  }))
}

/** The operations that wait for an action. */
function contractTasks({ contract }: Model): readonly Task[] {
  const open = contract === null ? [] : contract.operations.filter(({ action }) => action === null)
  return open.map(({ name, method, path }) => ({
    part: 'api',
    by: 'person',
    what: `write an action for the operation ${name}: ${method} ${path} answers 501 until then`,
  }))
}

/** Returns the closed operations that the author has not closed on purpose, with the rule `false`. */
function undecidedOperations(model: Model): ReturnType<typeof closedOperations> {
  return closedOperations(model).filter(({ entity, operation }) => entityNamed(model, entity).access.source[operation] !== 'false')
}

/** Returns the operations without a rule, or whose rule is false for all callers. */
export function closedOperations(model: Model): readonly { readonly entity: string; readonly operation: Operation }[] {
  return model.entities.flatMap((entity) =>
    OPERATIONS.filter((operation) => isClosed(entity, operation)).map((operation) => ({ entity: entity.name, operation })),
  )
}

function isClosed(entity: Entity, operation: Operation): boolean {
  const { access } = entity
  if (operation === 'update') return isNever(access.update.from) || isNever(access.update.to)
  return isNever(access[operation])
}

function apiTask(model: Model, entity: Entity): readonly Task[] {
  if (model.served.rest === null) return []
  const open = OPERATIONS.filter((operation) => !isClosed(entity, operation))
  if (open.length === 0) return []
  const relations = entity.relations.length === 0 ? '' : `, including ${entity.relations.map((relation) => relation.name).join(', ')}`
  return [{ part: 'api', by: 'plinth', what: `${restBase(model)}/${entity.path}: ${open.join(', ')}${relations}` }]
}

function accessTasks(model: Model): readonly Task[] {
  const rules = model.entities.length * OPERATIONS.length - closedOperations(model).length
  const fields = model.entities
    .flatMap((entity) => entity.fields)
    .filter((f) => f.system === null && (f.read.kind !== 'const' || f.write.kind !== 'const'))
  const what = `${count(rules, 'operation rule')} and ${count(fields.length, 'field rule')}, each part of the SQL it guards`
  return rules + fields.length === 0 ? [] : [{ part: 'access', by: 'plinth', what }]
}

function identityTasks(model: Model): readonly Task[] {
  const { identity } = model
  if (identity === null) return []
  const role = identity.role === null ? '' : `, role in ${identity.entity}.${identity.role}`
  return [
    {
      part: 'identity',
      by: 'plinth',
      what:
        model.served.rest === null
          ? `accounts of ${identity.entity} by ${identity.login}${role}`
          : `${restBase(model)}/auth: register, login, refresh, logout, me by ${identity.entity}.${identity.login}${role}`,
    },
    ...tokenTask(identity),
    ...takenLoginTask(model, identity),
  ]
}

/** Says how access tokens are sent and how long they last, if the design says so. */
function tokenTask({ token: { scheme, lastsSeconds, cookie } }: IdentityModel): readonly Task[] {
  if (scheme === 'Bearer' && lastsSeconds === LASTS_SECONDS && cookie === null) return []
  const inCookie = cookie === null ? '' : `, or the cookie ${cookie.name} (SameSite=${cookie.sameSite}) from pages of the same origin`
  const what = `access tokens: Authorization: ${scheme} …${inCookie}, for ${spanOf(lastsSeconds)}; their sessions are checked at every request`
  return [{ part: 'identity', by: 'plinth', what }]
}

function spanOf(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${Math.round(seconds / 60)} min`
}

/** Says how the creation of an account with a taken login is answered, and why. */
function takenLoginTask(model: Model, { entity: name, login, takenLogin }: IdentityModel): readonly Task[] {
  const entity = entityNamed(model, name)
  if (isClosed(entity, 'create')) return []
  const told = `says that the ${login} is taken (409)`
  const alike = `answers 202 whether or not another account has the ${login}`
  const field = `${name}.${login}`
  const hides = viewOf(viewFor(model, ANONYMOUS), name).hidesTakenLogin
  const what = {
    conflict: `registering ${told}, as takenLogin is conflict`,
    accepted: `registering ${alike}, as takenLogin is accepted`,
    byCaller: hides
      ? `registering ${alike}, as callers may not read every ${field}; to those who may it ${told}`
      : `registering ${told}, as callers may read every ${field}`,
  }[takenLogin ?? 'byCaller']
  return [{ part: 'identity', by: 'plinth', what }]
}
