/** Resolves scenarios: binds the names of their rows, callers and actions. */

import type { Action } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import type { Scenario, ScenarioCall, ScenarioEvents, ScenarioRow } from '../../model/parts/scenario.ts'
import type { Design } from '../authoring/design.ts'
import type { ScenarioCallDesign, ScenarioDesign } from '../authoring/requirements/scenario-design.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { isBroken, isBrokenAction } from '../outline/outline.ts'
import { checkExpectation, writtenExpectation } from './scenario-expectation.ts'
import { checkValues, entityOf, type RowNames, rowEntity, type ScenarioContext } from './scenario-names.ts'

const NAME = /^[A-Za-z][\w-]{0,59}$/
/** What no row may be called, because callers are called so. */
const ANONYMOUS = 'anonymous'

/** What calls are resolved with. */
export interface ScenarioParts extends ScenarioContext {
  readonly actions: readonly Action[]
  /** The codes of failures. */
  readonly codes: ReadonlySet<string>
}

/** The scenarios in the order of the design. What cannot be used is reported and left out. */
export function resolveScenarios(design: Design, parts: ScenarioParts): readonly Scenario[] {
  return Object.entries(design.scenarios ?? {}).map(([name, authored]) => resolveScenario(name, authored, { design, parts }))
}

interface Resolving {
  readonly design: Design
  readonly parts: ScenarioParts
}

function resolveScenario(name: string, authored: ScenarioDesign, { design, parts }: Resolving): Scenario {
  const { report } = parts
  const at = ['scenarios', name]
  if (!NAME.test(name))
    report.add('PLN-D201', at, `${quote(name)} is not a name for a scenario`, 'write letters, digits, - and _, such as late-cancel')
  if (authored.calls === undefined && !isBroken(parts.outline, [...at, 'calls'])) reportNoCalls(authored, at, report)
  const named: RowNames = new Map()
  const rows = rowsOf(authored, { at, named, parts })
  const calls = (authored.calls ?? []).flatMap((call, i) => callOf(call, { at: [...at, 'calls', i], named, parts }) ?? [])
  return { name, text: authored.text ?? null, rows, calls, events: eventsOf(authored, { at, named, parts, design }) }
}

function reportNoCalls({ text, rows, events }: ScenarioDesign, at: Path, report: Report): void {
  if (rows !== undefined || events !== undefined)
    report.add('PLN-D711', at, 'there are rows or events, and no calls', 'write calls: [{ as: …, get: …, expect: 200 }], or the text alone')
  else if (text === undefined)
    report.add(
      'PLN-D711',
      at,
      'a scenario has calls, or a text until somebody has written them',
      'write calls: [{ as: …, get: …, expect: 200 }]',
    )
}

interface Within {
  readonly at: Path
  readonly named: RowNames
  readonly parts: ScenarioParts
}

/** All names first, so that a row may refer to one that follows. */
function rowsOf({ rows = {} }: ScenarioDesign, { at, named, parts }: Within): readonly ScenarioRow[] {
  const found: (ScenarioRow & { readonly at: Path })[] = []
  for (const [entityName, own] of Object.entries(rows)) {
    const entity = entityOf(entityName, [...at, 'rows', entityName], parts)
    for (const [name, values] of Object.entries(own)) {
      const place = [...at, 'rows', entityName, name]
      if (addName(name, entityName, { at: place, named, parts }) && entity !== null)
        found.push({ name, entity: entityName, values, at: place })
    }
  }
  for (const { entity, values, at: place } of found) {
    const own = parts.entities.find((one) => one.name === entity)
    if (own !== undefined) checkValues(own, values, { at: place, rows: named, context: parts, what: 'row' })
  }
  return found.map(({ name, entity, values }) => ({ name, entity, values }))
}

function addName(name: string, entity: string, { at, named, parts: { report } }: Within): boolean {
  const other = named.get(name)
  if (!NAME.test(name) || name === ANONYMOUS)
    report.add('PLN-D201', at, `${quote(name)} is not a name for a row`, 'write letters, digits, - and _, such as ada')
  else if (other !== undefined)
    report.add(
      'PLN-D711',
      at,
      `there is a row ${quote(name)} of ${other.entity} already`,
      'choose another name; calls name rows without their entity',
    )
  else {
    named.set(name, { name, entity })
    return true
  }
  return false
}

function callOf(call: ScenarioCallDesign, within: Within): ScenarioCall | null {
  const { at, named, parts } = within
  const as = callerOf(call.as, within)
  const through = call.through ?? 'rest'
  const asked = { as, through, expect: writtenExpectation(call.expect) }
  const context = { rows: named, context: parts }
  const resolved = requestOf(call, within)
  if (resolved === null) return null
  // A new row may be named in what it leaves.
  if (resolved.kind === 'create' && resolved.named !== null) addName(resolved.named, resolved.entity, { ...within, at: [...at, 'named'] })
  checkExpectation(asked.expect, {
    at: [...at, 'expect'],
    lists: resolved.kind === 'list' ? resolved.entity : null,
    codes: parts.codes,
    ...context,
  })
  return { ...asked, ...resolved }
}

/** Null for an anonymous caller. */
function callerOf(name: string, { at, named, parts }: Within): string | null {
  if (name === ANONYMOUS) return null
  const place = [...at, 'as']
  const entity = rowEntity(name, place, { rows: named, context: parts })
  if (entity !== null && entity.name !== parts.identity)
    parts.report.add(
      'PLN-D711',
      place,
      `${quote(name)} is a row of ${entity.name}, which does not sign in`,
      parts.identity === null ? `write as: ${ANONYMOUS}; the design has no accounts` : `name a row of ${parts.identity}, or ${ANONYMOUS}`,
    )
  return name
}

type WithoutCaller<T> = T extends unknown ? Omit<T, 'as' | 'through' | 'expect'> : never
type Request = WithoutCaller<ScenarioCall>

function requestOf(call: ScenarioCallDesign, within: Within): Request | null {
  const { at, named, parts } = within
  const context = { rows: named, context: parts }
  const body = { at: [...at, 'set'], ...context, what: 'body' as const }
  if ('get' in call || 'delete' in call) {
    const [kind, row] = 'get' in call ? (['get', call.get] as const) : (['delete', call.delete] as const)
    const entity = rowEntity(row, [...at, kind], context)
    return entity === null ? null : { kind, entity: entity.name, row }
  }
  if ('list' in call) {
    const entity = entityOf(call.list, [...at, 'list'], parts)
    return entity === null ? null : { kind: 'list', entity: entity.name, where: call.where ?? null }
  }
  if ('create' in call) {
    const entity = entityOf(call.create, [...at, 'create'], parts)
    const { set = {}, named: name = null } = call
    if (entity === null) return null
    checkValues(entity, set, body)
    return { kind: 'create', entity: entity.name, set, named: name }
  }
  if ('update' in call) {
    const entity = rowEntity(call.update, [...at, 'update'], context)
    if (entity === null) return null
    checkValues(entity, call.set, body)
    return { kind: 'update', entity: entity.name, row: call.update, set: call.set }
  }
  return actionCall(call, within)
}

function actionCall(call: Extract<ScenarioCallDesign, { readonly call: string }>, { at, named, parts }: Within): Request | null {
  const { report, actions, outline } = parts
  const add = (key: string, message: string, hint: string): void => report.add('PLN-D711', [...at, key], message, hint)
  const labels = actions.map(actionLabel)
  const action = actions.find((one) => actionLabel(one) === call.call)
  if (action === undefined) {
    const near = didYouMean(call.call, labels)
    if (!isBrokenAction(outline, call.call))
      report.add(
        'PLN-D710',
        [...at, 'call'],
        `there is no action ${quote(call.call)}${near}`,
        near !== '' ? undefined : labels.length === 0 ? 'the design has none' : `the actions are ${labels.slice(0, 20).join(', ')}`,
      )
    return null
  }
  if (call.through === 'graphql') add('through', 'actions are called through REST', 'remove through')
  const row = call.on ?? null
  if (action.entity !== null && row === null)
    add('call', `${call.call} is called on a row`, `write on: and the name of a row of ${action.entity}`)
  if (action.entity === null && row !== null) add('on', `${call.call} is called on no row`, 'remove on')
  if (row !== null && action.entity !== null) {
    const entity = rowEntity(row, [...at, 'on'], { rows: named, context: parts })
    if (entity !== null && entity.name !== action.entity)
      add('on', `${quote(row)} is a row of ${entity.name}`, `name a row of ${action.entity}`)
  }
  const known = action.inputs.map(({ name }) => name)
  for (const name of Object.keys(call.input ?? {})) {
    if (known.includes(name)) continue
    const near = didYouMean(name, known)
    report.add(
      'PLN-D710',
      [...at, 'input', name],
      `${call.call} has no input ${quote(name)}${near}`,
      near !== '' ? undefined : known.length === 0 ? 'it has none' : `its inputs are ${known.join(', ')}`,
    )
  }
  return { kind: 'call', action: call.call, row, input: call.input ?? {} }
}

/** The events; null if the scenario says nothing about them. */
function eventsOf(
  { events }: ScenarioDesign,
  { at, named, parts, design }: Within & { readonly design: Design },
): readonly ScenarioEvents[] | null {
  if (events === undefined) return null
  const reacted = Object.keys(design.on ?? {})
  return Object.entries(events).flatMap(([event, rows]) => {
    const place = [...at, 'events', event]
    const [entity = '', happening = ''] = event.split('.')
    if (!reacted.includes(event)) {
      const near = didYouMean(event, reacted)
      parts.report.add(
        'PLN-D710',
        place,
        `the design does not react to ${quote(event)}, so it is not logged${near}`,
        near !== '' ? undefined : reacted.length === 0 ? 'it reacts to no event' : `it reacts to ${reacted.slice(0, 20).join(', ')}`,
      )
      return []
    }
    rows.forEach((name, i) => {
      const own = rowEntity(name, [...place, i], { rows: named, context: parts })
      if (own !== null && own.name !== entity)
        parts.report.add('PLN-D711', [...place, i], `${quote(name)} is a row of ${own.name}`, `name rows of ${entity}`)
    })
    return [{ entity, happening, rows }]
  })
}
