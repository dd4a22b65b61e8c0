/** Reads the body of `POST /api/transaction`: a list of operations, each like a separate request. */

import { type FieldProblem, invalid } from '../../base/failure.ts'
import type { Rule } from '../../base/failures/rules.ts'
import { isObject } from '../../base/is-object.ts'
import { LIMITS } from '../../base/limits.ts'
import { MAX_PROBLEMS, pointerTo } from '../../compile/values/validate.ts'
import { type Reference, referencesIn, referencesInText } from './references.ts'

/** One operation of `POST /api/transaction`. */
export interface TransactionOperation {
  readonly method: string
  readonly path: string
  /** Undefined when the method has no body. */
  readonly body: unknown
  /** The name by which later operations refer to its answer. */
  readonly name: string | null
  readonly ifMatch: string | null
  readonly prefer: string | null
  readonly references: readonly Reference[]
}

const METHODS: ReadonlySet<unknown> = new Set(['GET', 'POST', 'PATCH', 'PUT', 'DELETE'])
const WITH_BODY: ReadonlySet<unknown> = new Set(['POST', 'PATCH', 'PUT'])
const MEMBERS: ReadonlySet<string> = new Set(['method', 'path', 'body', 'name', 'ifMatch', 'prefer'])
const NAME = /^[A-Za-z_][\w-]{0,49}$/
const MAX_TEXT = 4_000

/** Reads the operations. @throws Failure `validation_failed` with all problems of the body. */
export function readOperations(body: unknown, base: string): readonly TransactionOperation[] {
  const list = isObject(body) ? body.operations : undefined
  if (!isObject(body) || !Array.isArray(list))
    throw refused([{ pointer: isObject(body) ? '/operations' : '', rule: 'required', message: 'must be a list of operations' }])
  const problems: FieldProblem[] = Object.keys(body)
    .filter((name) => name !== 'operations')
    .map((name) => ({ pointer: pointerTo('', name), rule: 'unknown', message: 'unknown field' }))
  if (list.length === 0) problems.push({ pointer: '/operations', rule: 'minItems', message: 'must have at least 1 operation', limit: 1 })
  if (list.length > LIMITS.transactionOperations)
    throw refused([
      {
        pointer: '/operations',
        rule: 'maxItems',
        message: `must have at most ${LIMITS.transactionOperations} operations`,
        limit: LIMITS.transactionOperations,
      },
    ])
  const names = new Set<string>()
  const operations: TransactionOperation[] = []
  for (const [i, item] of list.entries()) {
    const read = readOperation(item, `/operations/${i}`, { earlier: names, base })
    problems.push(...read.problems)
    if (read.operation === null) continue
    operations.push(read.operation)
    if (read.operation.name !== null) names.add(read.operation.name)
  }
  if (problems.length > 0) throw refused(problems)
  return operations
}

interface Read {
  readonly operation: TransactionOperation | null
  readonly problems: readonly FieldProblem[]
}

function readOperation(
  item: unknown,
  at: string,
  { earlier, base }: { readonly earlier: ReadonlySet<string>; readonly base: string },
): Read {
  if (!isObject(item)) return { operation: null, problems: [{ pointer: at, rule: 'type', message: 'must be an object' }] }
  const { method, path, body, name = null, ifMatch = null, prefer = null } = item
  const problems: FieldProblem[] = []
  const say = (member: string, rule: Rule, message: string): void => {
    problems.push({ pointer: pointerTo(at, member), rule, message })
  }
  for (const member of Object.keys(item)) if (!MEMBERS.has(member)) say(member, 'unknown', 'unknown field')
  if (!METHODS.has(method)) say('method', 'enum', `must be one of ${[...METHODS].join(', ')}`)
  if (!isText(path) || !path.startsWith(`${base}/`)) say('path', 'format', `must be an address such as ${base}/posts`)
  if (WITH_BODY.has(method) !== (body !== undefined))
    say('body', WITH_BODY.has(method) ? 'required' : 'unknown', WITH_BODY.has(method) ? 'is required' : 'this method takes none')
  if (name !== null && (typeof name !== 'string' || !NAME.test(name)))
    say('name', 'format', 'must be a short name of letters, digits, - and _')
  else if (typeof name === 'string' && earlier.has(name)) say('name', 'unique', 'is the name of an earlier operation')
  if (ifMatch !== null && !isText(ifMatch)) say('ifMatch', 'type', 'must be a text')
  if (prefer !== null && !isText(prefer)) say('prefer', 'type', 'must be a text')
  const references = [...referencesInText(isText(path) ? path : '', `${at}/path`), ...referencesIn(body, `${at}/body`)]
  for (const { pointer, path: way } of references) {
    if (!earlier.has(way[0] ?? '')) problems.push({ pointer, rule: 'reference', message: 'refers to no earlier operation' })
  }
  if (problems.length > 0) return { operation: null, problems }
  const texts = { method: String(method), path: String(path), name: textOf(name), ifMatch: textOf(ifMatch), prefer: textOf(prefer) }
  return { operation: { ...texts, body, references }, problems }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function refused(problems: readonly FieldProblem[]) {
  return invalid(problems.slice(0, MAX_PROBLEMS))
}
