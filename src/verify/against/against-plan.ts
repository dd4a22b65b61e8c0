/** The cases for an environment that exists: what can be asked without knowing and without changing its rows. */

import type { Model } from '../../model/model.ts'
import type { LeftOut, PlannedFamily } from '../cases/family-plan.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { hiddenAddresses } from '../security/asked/hidden-addresses.ts'
import { provokedErrors } from '../security/asked/provoked-errors.ts'
import { injections, scripts } from '../security/asked/security-cases.ts'
import { databaseNames } from '../security/probes.ts'
import type { KnownEnvironment } from './environment.ts'
import { headerCases } from './header-cases.ts'
import { readCases } from './read-cases.ts'
import type { AskedEnvironment } from './reading.ts'
import { tokenCases } from './token-cases.ts'

/** All families for an environment. Pure. */
export function againstCases(design: WrittenDesign, model: Model, known: KnownEnvironment): readonly PlannedFamily[] {
  const asking = worldOf(design, model, known, false)
  // Injections filter by ids of real rows, so that an index serves the lists; they only read.
  const shown = worldOf(design, model, known, true)
  const environment: AskedEnvironment = { ...known, asking }
  const names = databaseNames(model)
  return [
    ...readCases(environment),
    ...tokenCases(environment),
    ...model.entities.flatMap((entity) => [
      injections(shown, entity, { names }),
      scripts(asking, entity),
      provokedErrors(asking, entity, names),
    ]),
    headerCases(environment),
    hiddenAddresses(asking),
  ]
}

/** A world of the accounts of the callers. @param withRows whether it also has the rows that were shown. */
function worldOf(design: WrittenDesign, model: Model, { callers, rows }: KnownEnvironment, withRows: boolean): PlannedWorld {
  const accounts = callers.map(({ row }) => row)
  const all = new Map(model.entities.map(({ name }) => [name, withRows ? (rows.get(name) ?? []) : []]))
  if (model.identity !== null) all.set(model.identity.entity, accounts)
  return {
    reference: referenceOf(design, model, all),
    world: { rows: all, accounts: callers.map(({ id }) => id), capped: new Set(), empty: new Map(), mentions: new Map() },
  }
}

const UNKNOWN = 'the rows of this environment are not known, and verify does not change them'

/** What is asked only on a database of its own. */
export const NOT_ASKED_THERE: readonly LeftOut[] = [
  { what: 'each condition of the access rules as true, false and unknown', why: UNKNOWN },
  { what: 'values of fields, relations, deletes and races', why: UNKNOWN },
  { what: 'orders, pages, filters and counts of lists against all rows', why: UNKNOWN },
  { what: 'signing in, sessions that end, and passwords', why: 'they would lock accounts and end sessions' },
  { what: 'actions, workflows, files, events and jobs', why: 'they write' },
  { what: 'planted defects', why: 'defects are planted only in backends of verify itself' },
  { what: 'the role of the backend in its database', why: 'the database cannot be seen from outside' },
]
