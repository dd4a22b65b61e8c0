/** Who sends which requests of an operation: pairs of a row and a caller that the backend serves, found by asking. */

import type { Entity, Model } from '../../../model/model.ts'
import type { SentRequest, Stage } from '../../run/stage.ts'
import { type RawRequest, requestText } from '../load/connection.ts'
import { type Random, randomOf, zipf } from '../statistics/random.ts'
import type { LoadOperation, MadeRequest, SampledRow } from './load-operations.ts'
import { type LoadCaller, ownersOf } from './sample-rows.ts'

/** A caller with its access token. */
export interface SignedCaller extends LoadCaller {
  readonly token: string | null
}

/** What requests are made from. */
export interface LoadWorld {
  readonly model: Model
  readonly rows: ReadonlyMap<string, readonly SampledRow[]>
  readonly callers: readonly SignedCaller[]
  readonly ask: Stage['ask']
}

/** An operation that can be measured. */
export interface PreparedOperation {
  readonly operation: LoadOperation
  /** The labels of the callers. */
  readonly callers: readonly string[]
  /** The body and the media type of an answer. */
  readonly sample: { readonly body: string; readonly type: string }
  /** Requests: rows by Zipf's law. Each call gives other values where values must differ. */
  readonly calls: (count: number, seed: number) => readonly PreparedCall[]
  /** The same as texts. */
  readonly texts: (count: number, seed: number) => readonly string[]
  /** How many requests there are, where each needs a row of its own; absent for operations whose rows may repeat. */
  readonly room?: number
  /** Requests for a backend without a socket. */
  readonly requests: (count: number, seed: number) => readonly SentRequest[]
}

/** A request with its caller. */
export interface PreparedCall {
  readonly request: MadeRequest
  readonly caller: SignedCaller
}

/** An operation that cannot be measured. */
export interface Unprepared {
  readonly why: string
}

interface PairOfCall {
  readonly row: SampledRow
  readonly caller: SignedCaller
}

/** How many rows are tried, how many pairs are enough, and how many callers a row is tried with. */
const ROWS_TRIED = { ofRow: 1_500, other: 40, write: 12 } as const
const CALLERS_TRIED = 4
const ASKED_AT_ONCE = 8
/** As many pairs are enough; after as many refusals without one, no caller is served. */
const ENOUGH = 1_000
const HOPELESS = 200
/** Numbers of values begin above those of the rows, with room for each operation. */
const FIRST_NUMBER = 100_000_000

/** Finds pairs that are answered with 2xx. @param n the number of the operation. */
export async function prepareOperation(world: LoadWorld, operation: LoadOperation, n: number): Promise<PreparedOperation | Unprepared> {
  let number = FIRST_NUMBER * (n + 1)
  const rowOf = rowChooser(world, randomOf(n))
  const made = ({ row }: PairOfCall) => operation.request(row, number++, rowOf)
  const refused = new Map<string, number>()
  const pairs: PairOfCall[] = []
  let sample: PreparedOperation['sample'] | null = null
  const tried = candidatesOf(world, operation)
  let next = 0
  const work = async (): Promise<void> => {
    for (let i = next++; i < tried.length && pairs.length < ENOUGH; i = next++) {
      if (pairs.length === 0 && [...refused.values()].reduce((sum, count) => sum + count, 0) >= HOPELESS) return
      const { row, callers } = tried[i] ?? { row: {}, callers: [] }
      for (const caller of callers) {
        const request = made({ row, caller })
        if (request === null) continue
        const { status, text, headers } = await world.ask({ ...sentOf(request), token: caller.token })
        if (status >= 200 && status < 300 && operation.isServed?.(text) !== false) {
          pairs.push({ row, caller })
          sample ??= { body: text, type: String(headers['content-type'] ?? 'application/json') }
          break
        }
        refused.set(String(status), (refused.get(String(status)) ?? 0) + 1)
      }
    }
  }
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work))
  if (sample === null) return { why: whyNot(refused, tried.length) }
  // Answers come in any order, and a seed gives the same requests.
  const sorted = pairs.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)))
  const calls = (count: number, seed: number): readonly PreparedCall[] => {
    const random = randomOf(seed)
    const rank = zipf(random, sorted.length)
    return Array.from({ length: count }, () => {
      const pair = sorted[rank()]
      const request = pair === undefined ? null : made(pair)
      return request === null || pair === undefined ? null : { request, caller: pair.caller }
    }).filter((one) => one !== null)
  }
  const scheme = schemeOf(world)
  return {
    operation,
    callers: [...new Set(pairs.map(({ caller }) => caller.label))].sort(),
    sample,
    calls,
    texts: (count, seed) => calls(count, seed).map(({ request, caller }) => textOf({ ...request, token: caller.token, scheme })),
    requests: (count, seed) => calls(count, seed).map(({ request, caller }) => ({ ...sentOf(request), token: caller.token })),
  }
}

/** A request in HTTP/1.1. Its JSON is in ASCII, because texts are sent in Latin-1. */
export function textOf(request: RawRequest): string {
  const ascii = (body: string): string =>
    body.replaceAll(/[^\u0020-\u007e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return requestText({ ...request, body: request.body === null ? null : ascii(request.body) })
}

/** The word before tokens. */
export function schemeOf({ model }: LoadWorld): string {
  return model.identity?.token.scheme ?? 'Bearer'
}

/** A request for a backend without a socket. */
export function sentOf({ method, path, body }: { readonly method: string; readonly path: string; readonly body: string | null }) {
  return { method, url: path, ...(body === null ? {} : { body }) }
}

function keyOf({ row, caller }: PairOfCall): string {
  return `${row.id ?? ''} ${caller.id ?? ''}`
}

/** Rows with the callers to try: those to whom the row belongs first for writes, and each kind in turn for reads. */
function candidatesOf(world: LoadWorld, { entity, kind, ofRow }: LoadOperation) {
  const { model, callers } = world
  const byId = new Map(callers.map((caller) => [caller.id, caller]))
  const kinds = [...Map.groupBy(callers, ({ label }) => label).values()]
  const rows = (world.rows.get(entity.name) ?? []).slice(
    0,
    ofRow ? ROWS_TRIED.ofRow : kind === 'write' ? ROWS_TRIED.write : ROWS_TRIED.other,
  )
  return (rows.length === 0 && !ofRow ? [{}] : rows).map((row: SampledRow, i) => {
    const owners = ofRow ? ownersOf(model, entity).flatMap((name) => byId.get(row[name] ?? '') ?? []) : []
    const turned = kinds.map((own, k) => kinds[(i + k) % kinds.length]?.[i % own.length] ?? own[0]).filter((one) => one !== undefined)
    const all = kind === 'write' || i % (kinds.length + 1) === 0 ? [...owners, ...turned] : [...turned, ...owners]
    return { row, callers: [...new Set(all)].slice(0, CALLERS_TRIED) }
  })
}

function rowChooser({ rows }: LoadWorld, random: Random): (entity: Entity['name']) => SampledRow | undefined {
  return (entity) => {
    const own = rows.get(entity) ?? []
    return own[Math.floor(random() * own.length)]
  }
}

function whyNot(refused: ReadonlyMap<string, number>, tried: number): string {
  if (tried === 0) return 'there are no rows for it'
  if (refused.size === 0) return 'a request for it could not be made: a value has no sample, or no field may be changed'
  const [status] = [...refused].toSorted(([, a], [, b]) => b - a)[0] ?? ['0']
  return `no caller that was tried is served: mostly ${status}`
}
