/** Reads the operations of a contract: an OpenAPI document of version 3.0 or 3.1. */

import { isObject } from '../../base/is-object.ts'
import type { ActionAddress, Separator } from '../../model/address/action-address.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path, SourceDocument } from '../findings/source.ts'
import { basePathOf } from './base-path.ts'
import { type ContractReading, itemsOf, memberOf, membersOf, type ObjectPart, objectAt, type Part } from './references.ts'

/** The methods that an operation of a contract may have. HEAD and OPTIONS are answered for every path. */
const CONTRACT_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies readonly ActionAddress['method'][]

/** An operation of a contract. */
export interface ContractOperation {
  /** Its `operationId`; the method and path if it has none. */
  readonly name: string
  readonly method: ActionAddress['method']
  /** The path with that of the server in front, such as `/api/articles/{slug}`. */
  readonly path: string
  /** The path as the contract has it. */
  readonly ownPath: string
  readonly at: Path
  readonly parameters: readonly ContractParameter[]
  readonly body: ContractBody | null
  /** The answers by status: `200`, `4XX`, `default`. */
  readonly answers: ReadonlyMap<string, ContractAnswer>
}

/** A parameter of an operation. */
export interface ContractParameter {
  readonly name: string
  readonly place: 'path' | 'query' | 'header' | 'cookie'
  readonly required: boolean
  /** Null if the contract says nothing about its values. */
  readonly schema: Part | null
  /** What separates the items of a list; null where each is a parameter of its own. */
  readonly separator: Separator | null
  /** Its `style` if no action reads parameters in this style; else null. */
  readonly unread: string | null
  readonly at: Path
}

/** The body of the requests of an operation. */
export interface ContractBody {
  readonly required: boolean
  /** The schemas by media type, in lower case and without parameters; null without one. */
  readonly media: ReadonlyMap<string, Part | null>
  readonly at: Path
}

/** An answer of an operation. */
export interface ContractAnswer {
  readonly media: ReadonlyMap<string, Part | null>
  readonly at: Path
}

const MAX_OPERATIONS = 1_000

/** The operations of a document, in its order. Parts with an error are left out, with findings. */
export function readOperations(
  document: SourceDocument,
  report: Report,
): { readonly reading: ContractReading; readonly operations: readonly ContractOperation[] } {
  const reading: ContractReading = { document, report, reported: new Set() }
  const root = { value: document.value, path: [] }
  if (!isObject(root.value) || !isVersion(root.value.openapi)) {
    reportVersion(reading)
    return { reading, operations: [] }
  }
  const whole: ObjectPart = { value: root.value, path: [] }
  const operations = membersOf(whole, 'paths').flatMap(([path, part]) => operationsAt(reading, { path, part, whole }))
  if (operations.length === 0) report.addAt('PLN-D580', document.at(['paths']), 'the contract has no operations', 'add paths')
  if (operations.length > MAX_OPERATIONS)
    report.addAt('PLN-D580', document.at(['paths']), `more than ${MAX_OPERATIONS} operations`, 'serve the contract by several backends')
  return { reading, operations: reportDoubles(reading, operations.slice(0, MAX_OPERATIONS)) }
}

function isVersion(version: unknown): boolean {
  return typeof version === 'string' && /^3\.[01](\.\d+)?$/.test(version)
}

function reportVersion({ document, report }: ContractReading): void {
  const { value } = document
  const swagger = isObject(value) && value.swagger !== undefined
  const version = isObject(value) ? value.openapi : undefined
  const found = swagger
    ? 'this is Swagger 2'
    : version === undefined
      ? 'there is no key openapi'
      : `this is version ${quote(String(version))}`
  const hint = swagger ? 'convert it to OpenAPI 3' : 'write openapi: 3.1.0, or 3.0.4'
  report.addAt('PLN-D580', document.at(['openapi']), `${found}; a contract is OpenAPI 3.0 or 3.1`, hint)
}

function operationsAt(
  reading: ContractReading,
  { path, part, whole }: { readonly path: string; readonly part: Part; readonly whole: ObjectPart },
): readonly ContractOperation[] {
  const item = objectAt(reading, part)
  if (item === null || !path.startsWith('/')) return []
  return CONTRACT_METHODS.flatMap((method) => {
    const found = memberOf(item, method.toLowerCase())
    const operation = found === undefined ? null : objectAt(reading, found)
    if (operation === null) return []
    const id = operation.value.operationId
    const servers = [operation, item, whole].find(({ value }) => Array.isArray(value.servers) && value.servers.length > 0)
    return [
      {
        name: typeof id === 'string' && id !== '' ? id : `${method} ${path}`,
        method,
        path: `${servers === undefined ? '' : basePathOf(servers.value.servers)}${path}`,
        ownPath: path,
        at: operation.path,
        parameters: parametersOf(reading, item, operation),
        body: bodyOf(reading, operation),
        answers: answersOf(reading, operation),
      },
    ]
  })
}

const PLACES: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie'])
/** Headers that OpenAPI leaves to other parts of a document. */
const OTHER_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization'])

/** The parameters of an operation and of its path; those of the operation replace those of the path. */
function parametersOf(reading: ContractReading, item: ObjectPart, operation: ObjectPart): readonly ContractParameter[] {
  const found = new Map<string, ContractParameter>()
  for (const part of [...itemsOf(item, 'parameters'), ...itemsOf(operation, 'parameters')]) {
    const parameter = objectAt(reading, part)
    if (parameter === null) continue
    const { name, in: place, required } = parameter.value
    if (typeof name !== 'string' || typeof place !== 'string' || !PLACES.has(place)) {
      reading.report.addAt('PLN-D580', reading.document.at(parameter.path), 'a parameter needs name and in', 'add them')
      continue
    }
    if (place === 'header' && OTHER_HEADERS.has(name.toLowerCase())) continue
    const content = [...mediaOf(parameter).values()][0]
    found.set(`${place} ${name}`, {
      name,
      place: place as ContractParameter['place'],
      required: required === true || place === 'path',
      schema: memberOf(parameter, 'schema') ?? content ?? null,
      ...styleOf(parameter, place),
      at: parameter.path,
    })
  }
  return [...found.values()]
}

/** How the items of a list are sent. `form` repeats the parameter unless `explode` is false; headers and paths have one text. */
function styleOf({ value }: ObjectPart, place: string): Pick<ContractParameter, 'separator' | 'unread'> {
  const inQuery = place === 'query'
  const style = typeof value.style === 'string' ? value.style : inQuery ? 'form' : 'simple'
  const isRepeated = inQuery && (value.explode ?? style === 'form') === true
  const separator = Object.hasOwn(SEPARATORS, style) ? (SEPARATORS[style] ?? null) : null
  return { separator: isRepeated ? null : separator, unread: separator === null ? style : null }
}

const SEPARATORS: Readonly<Record<string, Separator>> = { form: ',', simple: ',', spaceDelimited: ' ', pipeDelimited: '|' }

function bodyOf(reading: ContractReading, operation: ObjectPart): ContractBody | null {
  const part = memberOf(operation, 'requestBody')
  const body = part === undefined ? null : objectAt(reading, part)
  return body === null ? null : { required: body.value.required === true, media: mediaOf(body), at: body.path }
}

function answersOf(reading: ContractReading, operation: ObjectPart): ReadonlyMap<string, ContractAnswer> {
  const answers = new Map<string, ContractAnswer>()
  for (const [status, part] of membersOf(operation, 'responses')) {
    const answer = objectAt(reading, part)
    if (answer !== null)
      answers.set(status.toUpperCase() === 'DEFAULT' ? 'default' : status.toUpperCase(), { media: mediaOf(answer), at: answer.path })
  }
  return answers
}

function mediaOf(part: ObjectPart): ReadonlyMap<string, Part | null> {
  return new Map(
    membersOf(part, 'content').map(([type, media]) => [
      type.split(';')[0]?.trim().toLowerCase() ?? '',
      isObject(media.value) ? (memberOf({ value: media.value, path: media.path }, 'schema') ?? null) : null,
    ]),
  )
}

/** Reports operations of one name, and leaves the later ones out. */
function reportDoubles({ document, report }: ContractReading, operations: readonly ContractOperation[]): readonly ContractOperation[] {
  const names = new Map<string, ContractOperation>()
  for (const operation of operations) {
    const before = names.get(operation.name)
    if (before === undefined) names.set(operation.name, operation)
    else {
      const { line } = document.at([...before.at, 'operationId'])
      const message = `the operation ${quote(operation.name)} is on line ${line} already`
      report.addAt('PLN-D580', document.at([...operation.at, 'operationId']), message, 'give one of them another operationId')
    }
  }
  return [...names.values()]
}
