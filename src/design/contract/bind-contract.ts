/** Binds the actions of a design to the operations of its contract. */

import { isObject } from '../../base/is-object.ts'
import { suggest } from '../../base/suggest.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Action } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import type { Contract } from '../../model/address/contract.ts'
import type { Redirect } from '../../model/address/redirect.ts'
import type { EndpointDesign } from '../authoring/endpoint-design.ts'
import { endpointOf, isOperation } from '../endpoints/endpoint.ts'
import { camel } from '../endpoints/names.ts'
import { redirectOf } from '../endpoints/redirect.ts'
import { counted, didYouMean, quote, type Report, reportOn } from '../findings/report.ts'
import { type ContractRead, NO_SOURCE, type SourceDocument } from '../findings/source.ts'
import { designOf } from '../logic/actions.ts'
import { shownStatusOf } from '../logic/failures.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { bindOperation, isServable } from './bind-operation.ts'
import { type ContractOperation, readOperations } from './operations.ts'
import { servedDocument } from './served-document.ts'
import { type ContractPath, servedPaths } from './served-paths.ts'

/** What binding a contract needs. */
export interface ContractContext extends LogicContext {
  readonly contract: ContractRead | null
}

/** The actions with the addresses of their operations, and the contract. */
export interface BoundContract {
  readonly actions: readonly Action[]
  /** Null for a design without a contract, or with one that cannot be read. */
  readonly contract: Contract | null
}

/** Binds all actions that are called like an operation, or name one under `endpoint`. Without a contract, the actions stay as they are. */
export function bindContract(actions: readonly Action[], context: ContractContext): BoundContract {
  const { design, entities } = context
  // An action with an error may fit the contract once it is corrected.
  const report = context.report.failed() ? reportOn(NO_SOURCE) : context.report
  const document = documentOf(context)
  if (design.contract === undefined || document === null) return { actions, contract: null }
  const { reading, operations } = readOperations(document, context.report)
  if (!isObject(document.value) || operations.length === 0) return { actions, contract: null }
  const statusOf = (code: string): number => shownStatusOf(code, context)
  const binding = { reading, report, entities, actions, statusOf }
  const paths = servedPaths(operations.map(({ path }) => path))
  const servedPathOf = ({ path }: ContractOperation): ContractPath => paths.get(path) ?? { path, names: new Map() }
  const served = new Map<ContractOperation, Action>()
  const bound = actions.map((action) => {
    const source = designOf(action.at, context)
    const endpoint = endpointOf(source)
    const operation = operationFor(action, endpoint, { operations, report })
    if (operation === null) return action
    const before = served.get(operation)
    if (before !== undefined) {
      report.add(
        'PLN-D583',
        action.at,
        `${operation.name} is served by ${actionLabel(before)} already`,
        'rename one of them, or add endpoint',
      )
      return action
    }
    served.set(operation, action)
    if (endpoint?.signed !== undefined)
      report.add('PLN-D665', [...action.at, 'endpoint', 'signed'], 'an operation of a contract is not signed', 'use a method and a path')
    for (const [name, given] of Object.entries(source.input ?? {}))
      if (typeof given === 'object' && given.inside !== undefined)
        report.add('PLN-D209', [...action.at, 'input', name, 'inside'], 'the contract says where the inputs are', 'leave out inside')
    if (endpoint?.body !== undefined)
      report.add('PLN-D209', [...action.at, 'endpoint', 'body'], 'the contract says where the inputs are', 'leave out body')
    return bindOperation(
      {
        action,
        operation,
        servedAt: servedPathOf(operation),
        status: endpoint?.status ?? null,
        redirect: redirectAt(action, endpoint, report),
        type: endpoint?.type ?? null,
        answers: source.answer !== undefined,
      },
      binding,
    )
  })
  const all = operations.map((operation) => ({ operation, action: served.get(operation) ?? null }))
  reportUnbound({ operations: all.flatMap(({ operation, action }) => (action === null ? [operation] : [])), actions, served }, report)
  const contract: Contract = {
    file: design.contract,
    document: servedDocument(document.value),
    operations: all.map(({ operation, action }) => ({
      name: operation.name,
      method: operation.method,
      path: operation.path,
      servedPath: isServable(operation.path) ? servedPathOf(operation).path : null,
      action: action === null ? null : { entity: action.entity, name: action.name },
    })),
  }
  return { actions: bound, contract }
}

/** Where an operation leads. An action with an address of its own has it already, and its findings are reported. */
function redirectAt({ at, address }: Action, endpoint: EndpointDesign | null, report: Report): Redirect | null {
  if (endpoint === null || address.own) return address.redirect
  return redirectOf(endpoint, [...at, 'endpoint'], report)
}

/** The document that the design names; null, with findings, if it cannot be read. */
function documentOf({ design, contract, report }: ContractContext): SourceDocument | null {
  if (design.contract === undefined) return null
  const at = ['contract']
  if (contract === null) {
    report.add('PLN-D580', at, 'the contract is a file, and this design has no folder', 'read the design from its file')
    return null
  }
  switch (contract.kind) {
    case 'unreadable':
      report.add('PLN-D580', at, contract.why, contract.hint)
      return null
    case 'broken':
      report.include(contract.diagnostics)
      return null
    case 'document':
      return contract.document
    default:
      return unreachable(contract)
  }
}

interface Known {
  readonly operations: readonly ContractOperation[]
  readonly report: Report
}

/** The operation that an action serves; null for none. */
function operationFor(action: Action, endpoint: EndpointDesign | null, { operations, report }: Known): ContractOperation | null {
  if (endpoint === null) return operations.find(({ name }) => isNamed(name, action.name)) ?? null
  const { at } = endpoint
  if (!isOperation(endpoint)) return operations.find((operation) => isAt(operation, at)) ?? null
  const found = operations.find(({ name }) => name === at) ?? operations.find(({ name }) => isNamed(name, at))
  if (found !== undefined) return found
  const names = operations.map(({ name }) => name)
  const near = didYouMean(at, names)
  const message = `the contract has no operation ${quote(at)}${near}`
  report.add('PLN-D582', [...action.at, 'endpoint'], message, near === '' ? `it has ${some(names)}` : undefined)
  return null
}

/**
 * Whether an operation is called like an action: the same but for the case of the first letter. The signs of an `operationId` that no
 * action can have are left out: `articles.list-all` is `articlesListAll`.
 */
function isNamed(operationId: string, name: string): boolean {
  return lowerFirst(camel(operationId)) === lowerFirst(name)
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** Whether a method and path are those of an operation, with or without the path of the server, whatever the names in braces are. */
function isAt({ method, path, ownPath }: ContractOperation, endpoint: string): boolean {
  const [given, at = ''] = endpoint.split(/\s+/)
  const bare = (one: string): string => one.replaceAll(/\{[^{}]*\}/g, '{}')
  return given === method && (bare(at) === bare(path) || bare(at) === bare(ownPath))
}

interface Unbound {
  readonly operations: readonly ContractOperation[]
  readonly actions: readonly Action[]
  readonly served: ReadonlyMap<ContractOperation, Action>
}

/** Notes the operations without an action, and the actions whose names are near theirs. */
function reportUnbound({ operations, actions, served }: Unbound, report: Report): void {
  if (operations.length === 0) return
  const names = operations.map(({ name }) => name)
  const bound = new Set(served.values())
  const near = actions.flatMap((action) => {
    const name = bound.has(action) ? undefined : suggest(action.name, names)
    return name === undefined ? [] : [`${actionLabel(action)} is near ${name}`]
  })
  const verb = operations.length === 1 ? 'is not bound and answers' : 'are not bound and answer'
  const message = `${counted(operations.length, 'operation')} ${verb} 501: ${some(names)}`
  report.add(
    'PLN-D540',
    ['contract'],
    message,
    near.length > 0 ? near.join(', ') : operations.length === 1 ? 'write an action of this name' : 'write actions of these names',
  )
}

const SHOWN_NAMES = 20

function some(names: readonly string[]): string {
  return names.length <= SHOWN_NAMES ? names.join(', ') : `${names.slice(0, SHOWN_NAMES).join(', ')}, …`
}
