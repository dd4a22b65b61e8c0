/** The OpenAPI document of addresses that a contract gives to actions of a random design. */

import type { ContractRead } from '../../../src/design/findings/source.ts'
import { inputsOf } from '../../../src/verify/fold/input.ts'
import { type ActionDesignAt, writtenActions, writtenLabel } from '../../../src/verify/fold/written-actions.ts'
import type { WrittenInput } from '../../../src/verify/fold/written-logic.ts'
import type { InputPlace, OwnAddress } from '../request/own-address.ts'
import type { AuthoredDesign, AuthoredField } from './authored.ts'

/** The name of the file that a design names. No such file is read: the document is passed on as a value. */
export const CONTRACT_FILE = 'openapi.yml'

/** The path of the server, in front of the paths of the document. */
export const CONTRACT_BASE = '/base'

/** The operation of an action. An action of an entity may share its name with others, so it names its operation. */
export function operationIdOf({ entity, name }: Pick<ActionDesignAt, 'entity' | 'name'>): string {
  return entity === null ? name : `${name}${entity}`
}

/** The contract with the addresses that it gives. */
export function contractOf(design: AuthoredDesign, addresses: ReadonlyMap<string, OwnAddress>): ContractRead {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const action of writtenActions(design)) {
    const address = addresses.get(writtenLabel(action))
    if (address?.isOfContract !== true) continue
    const path = address.path.slice(CONTRACT_BASE.length)
    paths[path] = { ...paths[path], [address.method.toLowerCase()]: operationOf(design, action, address) }
  }
  const value = {
    openapi: '3.1.0',
    info: { title: 'random', version: '1' },
    servers: [{ url: `https://example.com${CONTRACT_BASE}` }],
    paths,
  }
  return { kind: 'document', document: { file: CONTRACT_FILE, value, at: (path) => ({ path, file: CONTRACT_FILE }) } }
}

function operationOf(design: AuthoredDesign, action: ActionDesignAt, address: OwnAddress): object {
  const { row, status, answersNothing, accepts } = address
  const needed = new Set(inputsOf(action).flatMap(({ name, isOptional, preset }) => (isOptional || preset !== null ? [] : [name])))
  const slots = Object.entries(action.design.input ?? {}).map(([name, input]) => {
    const place: InputPlace = address.inputs.get(name) ?? { in: 'body', name }
    return { ...place, required: needed.has(name), schema: schemaOf(design, input) }
  })
  const inBody = slots.filter((slot) => slot.in === 'body')
  const parameters = slots.flatMap(({ in: place, name, required, schema }) =>
    place === 'body' ? [] : [{ name, in: place, required, schema }],
  )
  const ofRow = row === null ? [] : [{ name: row.parameter, in: 'path', required: true, schema: { type: 'string' } }]
  const media = accepts === 'form' ? 'application/x-www-form-urlencoded' : 'application/json'
  const body = {
    required: address.needs === 'body' || inBody.some(({ required }) => required),
    content: { [media]: { schema: bodySchema(inBody, address) } },
  }
  const answered = answersNothing ? {} : { content: { 'application/json': { schema: {} } } }
  return {
    operationId: operationIdOf(action),
    parameters: [...ofRow, ...parameters],
    ...(inBody.length === 0 ? {} : { requestBody: body }),
    responses: { [String(status ?? 200)]: { description: 'It is done', ...answered }, default: { description: 'It failed' } },
  }
}

interface Slot extends InputPlace {
  readonly required: boolean
  readonly schema: object
}

function bodySchema(slots: readonly Slot[], { body, needs, ignoresOthers }: OwnAddress): object {
  const inner = {
    type: 'object',
    required: slots.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(slots.map(({ name, schema }) => [name, schema])),
    ...(ignoresOthers ? {} : { additionalProperties: false }),
  }
  if (body === null) return inner
  const isNeeded = needs === 'member' || slots.some(({ required }) => required)
  return { type: 'object', required: isNeeded ? [body] : [], properties: { [body]: inner } }
}

function schemaOf({ entities }: AuthoredDesign, input: WrittenInput): object {
  if (typeof input !== 'string') return 'ref' in input ? { type: 'string' } : schemaOfType(input.type, {})
  const [first = '', name] = input.replace('?', '').split('.')
  if (name === undefined) return schemaOfType(first, {})
  const field = entities[first]?.fields[name]
  return field === undefined ? {} : schemaOfType(field.type, field)
}

const FORMATS: Readonly<Record<string, string>> = { timestamp: 'date-time', date: 'date', email: 'email' }

/** All lists of these designs have texts. */
function schemaOfType(type: string, { values }: Pick<AuthoredField, 'values'>): object {
  if (type === 'integer' || type === 'boolean') return { type }
  if (type === 'list') return { type: 'array', items: { type: 'string' } }
  if (type === 'choice') return { type: 'string', enum: values }
  const format = FORMATS[type]
  return format === undefined ? { type: 'string' } : { type: 'string', format }
}
