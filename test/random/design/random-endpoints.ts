/** Gives random actions addresses of their own: in the design, or by a contract. Usual addresses move, or are switched off. */

import { hasErrors } from '../../../src/base/diagnostic.ts'
import type { EndpointDesign } from '../../../src/design/authoring/endpoint-design.ts'
import type { ActionDesign, InputDesign } from '../../../src/design/authoring/logic-design.ts'
import { NO_SOURCE, type Source } from '../../../src/design/findings/source.ts'
import { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import { actionNamed } from '../../../src/model/action-tree.ts'
import type { Model } from '../../../src/model/model.ts'
import { type ActionDesignAt, writtenActions, writtenLabel } from '../../../src/verify/fold/written-actions.ts'
import type { Random } from '../../support/random.ts'
import { hasBody, type InputPlace, type OwnAddress } from '../request/own-address.ts'
import type { AuthoredDesign, AuthoredField } from './authored.ts'
import { type DirectVerb, directVerb } from './direct-actions.ts'
import { CONTRACT_BASE, CONTRACT_FILE, contractOf, operationIdOf } from './random-contract.ts'

/** A valid design with the addresses of its actions, by the label of the action. */
export interface AddressedDesign {
  readonly design: AuthoredDesign
  readonly model: Model
  readonly addresses: ReadonlyMap<string, OwnAddress>
}

/** An action that gets an address. */
export interface Addressing {
  readonly action: ActionDesignAt
  readonly reads: boolean
  readonly design: AuthoredDesign
}

/** Adds addresses, each unless it makes the design invalid. @throws Error for a design that is invalid without them. */
export function withEndpoints(random: Random, base: AuthoredDesign): AddressedDesign {
  const isOfContract = random.chance(0.4)
  const rest = random.pick([null, null, null, null, '/v2', false])
  const design: AuthoredDesign = rest === null ? base : { ...base, serve: { rest } }
  const plain = addressed(design, new Map())
  if (plain === null) throw new Error('the design is invalid')
  const wanted = writtenActions(base).flatMap((action, n): readonly Addressed[] => {
    const reads = actionNamed(plain.model.actions, action)?.reads === true
    if (directVerb(action) === null && !random.chance(0.55)) return []
    return [
      [writtenLabel(action), randomAddress(random, { action, reads, design }, { n, isOfContract: isOfContract && random.chance(0.75) })],
    ]
  })
  return adding(plain, design, wanted)
}

type Addressed = readonly [label: string, address: OwnAddress]

/** Adds all addresses at once, or if that is invalid one half after the other. */
function adding(found: AddressedDesign, design: AuthoredDesign, wanted: readonly Addressed[]): AddressedDesign {
  if (wanted.length === 0) return found
  const all = addressed(design, new Map([...found.addresses, ...wanted]))
  if (all !== null) return all
  if (wanted.length === 1) return found
  const half = wanted.length >> 1
  return adding(adding(found, design, wanted.slice(0, half)), design, wanted.slice(half))
}

/** The design with these addresses; null if it is invalid. */
function addressed(design: AuthoredDesign, addresses: AddressedDesign['addresses']): AddressedDesign | null {
  const authored = writtenActions(design).reduce((all, action) => withEndpoint(all, action, addresses.get(writtenLabel(action))), design)
  const bound = [...addresses.values()].some((address) => address.isOfContract)
  const whole = bound ? { ...authored, contract: CONTRACT_FILE } : authored
  const source: Source = bound ? { ...NO_SOURCE, contract: contractOf(design, addresses) } : NO_SOURCE
  const { model, diagnostics } = resolveDesign(whole, source)
  return model === null || hasErrors(diagnostics) ? null : { design: whole, model, addresses }
}

function withEndpoint(design: AuthoredDesign, action: ActionDesignAt, address: OwnAddress | undefined): AuthoredDesign {
  if (address === undefined) return design
  const { name, entity, transition } = action
  const own = (given: ActionDesign): ActionDesign => ({ ...given, ...endpointFor(given, action, address) })
  if (transition !== null) {
    const workflows = Object.entries(design.workflows ?? {}).map(([key, flow]) => {
      const moved = flow.entity === entity ? flow.transitions[name] : undefined
      return [key, moved === undefined ? flow : { ...flow, transitions: { ...flow.transitions, [name]: { ...moved, ...own(moved) } } }]
    })
    return { ...design, workflows: Object.fromEntries(workflows) }
  }
  const actions = entity === null ? design.actions : design.entities[entity]?.actions
  const changed = { ...actions, [name]: own(actions?.[name] ?? {}) }
  const of = entity === null ? undefined : design.entities[entity]
  return entity === null || of === undefined
    ? { ...design, actions: changed }
    : { ...design, entities: { ...design.entities, [entity]: { ...of, actions: changed } } }
}

/** The key `endpoint` and the inputs with their places. An operation of a contract has them in the contract. */
function endpointFor(given: ActionDesign, action: ActionDesignAt, address: OwnAddress): Pick<ActionDesign, 'endpoint' | 'input'> {
  const { method, path, body, accepts, status, inputs, isOfContract } = address
  if (isOfContract) return operationIdOf(action) === action.name ? {} : { endpoint: operationIdOf(action) }
  const options: Omit<EndpointDesign, 'at'> = {
    ...(body === null ? {} : { body }),
    ...(accepts === 'json' ? {} : { accepts }),
    ...(status === null ? {} : { status }),
  }
  const at = `${method} ${path}`
  const placed = Object.entries(given.input ?? {}).map(([name, input]) => [
    name,
    placedInput(input, name, { address, place: inputs.get(name) }),
  ])
  return {
    endpoint: Object.keys(options).length === 0 ? at : { at, ...options },
    ...(given.input === undefined ? {} : { input: Object.fromEntries(placed) }),
  }
}

function placedInput(
  input: InputDesign,
  name: string,
  { address, place }: { readonly address: OwnAddress; readonly place: InputPlace | undefined },
): InputDesign {
  if (typeof input === 'string' || place === undefined || place.in === 'path') return input
  const usual = hasBody(address) ? 'body' : 'query'
  return { ...input, ...(place.in === usual ? {} : { in: place.in }), ...(place.name === name ? {} : { name: place.name }) } as InputDesign
}

interface Numbered {
  readonly n: number
  readonly isOfContract: boolean
}

function randomAddress(random: Random, addressing: Addressing, { n, isOfContract }: Numbered): OwnAddress {
  const { action, reads, design } = addressing
  const given = Object.entries((action.design as ActionDesign).input ?? {})
  const hasPassword = given.some(([, input]) => isPassword(input))
  const method = hasPassword ? random.pick(['POST', 'PUT'] as const) : methodFor(random, addressing)
  const accepts = hasBody({ method }) && random.chance(0.15) ? 'form' : 'json'
  const inputs = new Map(
    given.map(
      ([name, input]) =>
        [name, randomPlace(random, { design, name, input, method, isOfContract, mayBeInPath: directVerb(action) === null })] as const,
    ),
  )
  const inBody = [...inputs.values()].filter((place) => place.in === 'body').length
  const row = rowParameter(random, addressing, isOfContract)
  const parameters = [
    ...(row === null ? [] : [row.parameter]),
    ...[...inputs.values()].flatMap((one) => (one.in === 'path' ? [one.name] : [])),
  ]
  const ordered = random.chance(0.5) ? parameters : parameters.toReversed()
  const answersNothing = isOfContract && action.design.answer === undefined && action.design.run === undefined && !reads
  const direct = directPath(action, design)
  const body = accepts === 'json' && inBody > 0 && random.chance(0.4) ? 'wrapped' : null
  const mayNeed = isOfContract && accepts === 'json' && inBody > 0
  const segments = ordered.map((name) => (direct === null && random.chance(0.15) ? `/at/{${name}}` : `/{${name}}`))
  return {
    method,
    path: `${isOfContract ? CONTRACT_BASE : ''}${direct ?? `/own${n}`}${segments.join('')}`,
    row,
    inputs,
    body,
    needs: mayNeed ? random.pick(['nothing', 'body', body === null ? 'nothing' : 'member'] as const) : 'nothing',
    accepts: inBody > 0 ? accepts : 'json',
    status: isOfContract ? (answersNothing ? 204 : random.pick([200, 201, 202])) : random.pick([null, null, 200, 201, 202]),
    isOfContract,
    ignoresOthers: isOfContract && inBody > 0 && random.chance(0.5),
    answersNothing,
  }
}

/** The path of actions that read and write rows, which several of them share; null for other actions. */
function directPath(action: ActionDesignAt, { entities }: AuthoredDesign): string | null {
  const of = action.entity ?? Object.keys(entities).find((one) => action.name.endsWith(one))
  return directVerb(action) === null || of === undefined ? null : `/rows/${of.toLowerCase()}`
}

const METHODS = {
  list: ['GET'],
  show: ['GET'],
  make: ['POST'],
  change: ['PATCH', 'PUT'],
  remove: ['DELETE'],
} as const satisfies Record<DirectVerb, readonly OwnAddress['method'][]>

function methodFor(random: Random, { action, reads }: Addressing): OwnAddress['method'] {
  const direct = directVerb(action)
  if (direct !== null) return random.pick<OwnAddress['method']>(METHODS[direct])
  return reads ? random.pick(['GET', 'GET', 'GET', 'POST'] as const) : random.pick(['POST', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)
}

/** Whether an input is a new password, or one that signs in. */
function isPassword(input: InputDesign): boolean {
  return input === 'User.password' || (typeof input === 'object' && 'type' in input && input.type === 'text' && 'min' in input)
}

function isListField({ entities }: AuthoredDesign, input: string): boolean {
  const [entity = '', field = ''] = input.replace('?', '').split('.')
  return entities[entity]?.fields[field]?.type === 'list'
}

interface Placing {
  readonly design: AuthoredDesign
  readonly name: string
  readonly input: InputDesign
  readonly method: OwnAddress['method']
  readonly isOfContract: boolean
  readonly mayBeInPath: boolean
}

function randomPlace(random: Random, { design, name, input, method, isOfContract, mayBeInPath }: Placing): InputPlace {
  const usual = hasBody({ method }) ? 'body' : 'query'
  if (isPassword(input)) return { in: 'body', name }
  const isOptional = typeof input === 'string' ? input.endsWith('?') : input.optional === true || 'default' in input
  const isList = typeof input === 'string' ? isListField(design, input) : 'type' in input && input.type === 'list'
  if (mayBeInPath && !isOptional && !isList && random.chance(0.4)) return { in: 'path', name: isOfContract ? alike(random, name) : name }
  // In a design, a short form of an input has no options.
  if (!isOfContract && typeof input === 'string') return { in: usual, name }
  const place = random.pick([usual, usual, 'query', ...(isList ? [] : ['header' as const])] as const)
  if (place === 'header' && !isOfContract) return { in: place, name: `X-${name}` }
  return { in: place, name: isOfContract ? alike(random, name) : random.chance(0.3) ? `the-${name}` : name }
}

/** The same name in other letters and with other signs. */
function alike(random: Random, name: string): string {
  return random.pick([name, name, name.toUpperCase(), name.replace(/([A-Z0-9])/, '_$1')])
}

/** How the path finds the row: by its id, or by a unique field. */
function rowParameter(random: Random, { action, design }: Addressing, isOfContract: boolean): OwnAddress['row'] {
  const { entity } = action
  if (entity === null) return null
  const inputs = Object.keys(action.design.input ?? {})
  const unique = Object.entries(design.entities[entity]?.fields ?? {}).filter(([name, field]) => namesRow(field) && !inputs.includes(name))
  // Actions at one path name its parameters alike.
  const isDirect = directVerb(action) !== null && !isOfContract
  const [first] = isDirect ? unique : [random.pick([...unique, null])]
  const by = first === undefined || first === null || (!isDirect && random.chance(0.3)) ? 'id' : first[0]
  const parameter = !isOfContract
    ? by
    : by === 'id'
      ? random.pick(['id', `${entity}_id`, `${entity}Id`])
      : random.pick([by, `${entity}_${by}`])
  return { parameter, by }
}

function namesRow({ unique, type }: AuthoredField): boolean {
  return unique === true || type === 'token'
}
