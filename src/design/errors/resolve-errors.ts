/** Resolves what a design says about its failures: `errors`. */

import { FAILURES, INTERNAL_CODES } from '../../base/failures/failure-catalogue.ts'
import { LIMIT_RULES, RULES } from '../../base/failures/rules.ts'
import { type ErrorFormat, LIMIT_WORD, type MessageRule, type ShownCode } from '../../model/errors/error-format.ts'
import type { Model } from '../../model/model.ts'
import type { Design } from '../authoring/design.ts'
import type { ErrorCodeDesign, ErrorsDesign } from '../authoring/logic-design.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { resolveErrorAnswer } from './error-answer.ts'

/** What resolving needs of the rest of the design. */
export interface ErrorsContext {
  readonly design: Design
  readonly report: Report
  readonly model: Pick<Model, 'entities'>
  /** The codes that steps name under `else`. */
  readonly named: ReadonlySet<string>
}

/** The form of the failures; null when they keep the form of Plinth. */
export function resolveErrors({ design, report, model, named }: ErrorsContext): ErrorFormat | null {
  const { errors } = design
  if (errors === undefined) return null
  const { answer, codes = {}, messages = {}, kinds = {} } = errors
  const statuses = new Map(Object.entries(codes).flatMap(([code, of]) => (isStatus(code) ? [[Number(code), shown(of)] as const] : [])))
  for (const [code, of] of Object.entries(codes)) checkCode(code, of, { report, named: runsCode(design) ? null : named })
  const format: ErrorFormat = {
    answer: answer === undefined ? null : resolveErrorAnswer(answer, { report, at: ['errors', 'answer'], names: new Map() }),
    codes: new Map([...builtInCodes(codes, statuses), ...ownCodes(codes, statuses)]),
    statuses,
    messages: messagesOf(messages, report),
    kinds: kindsOf(kinds, { report, entities: model.entities.map(({ name }) => name) }),
  }
  return changes(errors) ? format : null
}

/** Whether failures leave in another form than without `errors`. The status and message of a code of the design change nothing. */
function changes({ answer, codes = {}, messages, kinds }: ErrorsDesign): boolean {
  if (answer !== undefined || messages !== undefined || kinds !== undefined) return true
  return Object.entries(codes).some(
    ([code, { name, redirect }]) => name !== undefined || redirect !== undefined || isStatus(code) || isBuiltIn(code),
  )
}

const isStatus = (code: string): boolean => /^\d+$/.test(code)

function isBuiltIn(code: string): code is keyof typeof FAILURES {
  return Object.hasOwn(FAILURES, code)
}

function shown({ status, name, message, redirect }: ErrorCodeDesign): ShownCode {
  return { status: status ?? null, name: name ?? null, message: message ?? null, redirect: redirect ?? null }
}

/** What a code says, completed by what its status says. */
function completed(code: ErrorCodeDesign, ofStatus: ShownCode | undefined): ShownCode {
  const { status, name, message, redirect } = shown(code)
  return {
    status: status ?? ofStatus?.status ?? null,
    name: name ?? ofStatus?.name ?? null,
    message: message ?? ofStatus?.message ?? null,
    redirect: redirect ?? ofStatus?.redirect ?? null,
  }
}

type Codes = Readonly<Record<string, ErrorCodeDesign>>

type Statuses = ReadonlyMap<number, ShownCode>

function builtInCodes(codes: Codes, statuses: Statuses): readonly (readonly [string, ShownCode])[] {
  return Object.entries(FAILURES).flatMap(([code, { status }]) => {
    const own = codes[code]
    if (own === undefined && !statuses.has(status)) return []
    return [[code, completed(own ?? {}, statuses.get(status))] as const]
  })
}

/** The codes of the design. One with a status of its own keeps it, whatever the design says about that status. */
function ownCodes(codes: Codes, statuses: Statuses): readonly (readonly [string, ShownCode])[] {
  return Object.entries(codes).flatMap(([code, of]) =>
    isStatus(code) || isBuiltIn(code) ? [] : [[code, completed(of, statuses.get(of.status ?? 409))] as const],
  )
}

function runsCode({ entities, actions = {} }: Design): boolean {
  const ofEntities = Object.values(entities).flatMap((entity) => Object.values(entity.actions ?? {}))
  const hasHooks = Object.values(entities).some(({ hooks }) => hooks !== undefined)
  return hasHooks || [...Object.values(actions), ...ofEntities].some((action) => 'run' in action)
}

interface Checking {
  readonly report: Report
  /** The codes that steps name; null where code may name others. */
  readonly named: ReadonlySet<string> | null
}

function checkCode(code: string, { status }: ErrorCodeDesign, { report, named }: Checking): void {
  const at: Path = ['errors', 'codes', code]
  if (isStatus(code)) checkGroup(code, { at, report })
  else if (!isBuiltIn(code) || INTERNAL_CODES.has(code)) checkOwn(code, { at, report, named })
  const first = isStatus(code) ? code.charAt(0) : isBuiltIn(code) ? String(FAILURES[code].status).charAt(0) : '4'
  if (status === undefined) return
  if (String(status).charAt(0) !== first) {
    const why =
      first === '4'
        ? 'is a fault of the request, so its status is from 400 to 499'
        : 'is a fault of the server, so its status is from 500 to 599'
    report.add('PLN-D597', [...at, 'status'], `${quote(code)} ${why}`)
  } else if (NEEDS_FIELD.has(status) && code !== '405' && code !== 'method_not_allowed')
    report.add(
      'PLN-D597',
      [...at, 'status'],
      `an answer with ${status} needs a header field that this failure does not have`,
      'use another status',
    )
}

/** RFC 9110: answers with these statuses have Allow, Proxy-Authenticate and Upgrade. */
const NEEDS_FIELD: ReadonlySet<number> = new Set([405, 407, 426])

function checkGroup(code: string, { at, report }: { readonly at: Path; readonly report: Report }): void {
  const known = [...new Set(Object.values(FAILURES).map(({ status }) => status))].toSorted((a, b) => a - b)
  if (known.some((status) => String(status) === code)) return
  report.add('PLN-D596', at, `no failure of Plinth has the status ${code}`, `use one of ${known.filter((one) => one !== 499).join(', ')}`)
}

/** Reports a code that nothing has, when a code that exists is near. */
function checkOwn(code: string, { at, report, named }: Checking & { readonly at: Path }): void {
  if (INTERNAL_CODES.has(code)) report.add('PLN-D596', at, `no client gets the code ${quote(code)}`, 'leave it out')
  if (named === null || named.has(code) || INTERNAL_CODES.has(code)) return
  const known = Object.keys(FAILURES).filter((one) => !INTERNAL_CODES.has(one))
  const near = didYouMean(code, known)
  if (near !== '') report.add('PLN-D596', at, `no failure has the code ${quote(code)}${near}`)
}

const RULE_NAMES = ['empty', ...Object.keys(RULES)]

function messagesOf(messages: Readonly<Record<string, string>>, report: Report): ReadonlyMap<MessageRule, string> {
  for (const [rule, message] of Object.entries(messages)) {
    if (message.includes(LIMIT_WORD) && RULE_NAMES.includes(rule) && !LIMIT_RULES.includes(rule)) {
      const hint = `leave ${LIMIT_WORD} out; these rules have one: ${LIMIT_RULES.join(', ')}`
      report.add('PLN-D596', ['errors', 'messages', rule], `the rule ${rule} has no ${LIMIT_WORD}`, hint)
    }
    if (RULE_NAMES.includes(rule)) continue
    const longer = RULE_NAMES.filter((name) => name.toLowerCase().startsWith(rule.toLowerCase()))
    const near = longer.length > 0 ? '' : didYouMean(rule, RULE_NAMES)
    const hint = near === '' ? `use one of ${(longer.length > 0 ? longer : RULE_NAMES).join(', ')}` : undefined
    report.add('PLN-D596', ['errors', 'messages', rule], `there is no rule ${quote(rule)}${near}`, hint)
  }
  return new Map(Object.entries(messages)) as ReadonlyMap<MessageRule, string>
}

function kindsOf(
  kinds: Readonly<Record<string, string>>,
  { report, entities }: { readonly report: Report; readonly entities: readonly string[] },
): ReadonlyMap<string, string> {
  for (const name of Object.keys(kinds)) {
    if (entities.includes(name)) continue
    const near = didYouMean(name, entities)
    const hint = near === '' ? `use one of ${entities.join(', ')}` : undefined
    report.add('PLN-D596', ['errors', 'kinds', name], `there is no entity ${quote(name)}${near}`, hint)
  }
  return new Map(entities.map((name) => [name, kinds[name] ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`]))
}
