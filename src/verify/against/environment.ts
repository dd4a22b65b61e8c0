/** What verify finds out about an environment before it asks: whose tokens it has, and some rows that they show. */

import { restBase } from '../../model/address/served.ts'
import type { Model } from '../../model/model.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { AllRows } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'

/** A request with its token; null is an anonymous caller. */
export interface TokenRequest extends SentOverHttp {
  readonly token: string | null
}

/** A caller whose token was given. */
export interface KnownCaller {
  /** The name that was given with the token: `admin`. */
  readonly kind: string
  readonly token: string
  /** The id of the account. */
  readonly id: string
  /** The own row, as the backend shows it. */
  readonly row: PlainRow
  /** Whether the own row has all that rules may read of a caller. Otherwise some rules cannot be judged. */
  readonly isWhole: boolean
}

/** Callers and rows. */
export interface KnownEnvironment {
  readonly callers: readonly KnownCaller[]
  /** The first rows of each entity, as the first caller who sees any is shown them. */
  readonly rows: AllRows
}

/** A token that the environment refuses. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly kind: string
  constructor(kind: string, { status, json }: Answered) {
    super(`the token of ${kind} is answered ${status}${json?.code === undefined ? '' : ` ${String(json.code)}`}`)
    this.kind = kind
  }
}

const ROWS = 20

/** Asks for the own row of each caller, and for a short list of each entity. @throws TokenRefused. */
export async function exploreEnvironment(
  model: Model,
  tokens: ReadonlyMap<string, string>,
  ask: (request: TokenRequest) => Promise<Answered>,
): Promise<KnownEnvironment> {
  const base = restBase(model)
  const callers: KnownCaller[] = []
  for (const [kind, token] of tokens) {
    const answer = await ask({ method: 'GET', url: `${base}/auth/me`, token })
    const row = answer.json as PlainRow | undefined
    if (answer.status !== 200 || row?.id === undefined || row.id === null) throw new TokenRefused(kind, answer)
    const isWhole = model.claims.every(({ field }) => (row[field] ?? null) !== null)
    callers.push({ kind, token, id: String(row.id), row, isWhole })
  }
  const rows = new Map<string, readonly PlainRow[]>()
  for (const entity of model.entities) {
    for (const token of [...callers.map((caller) => caller.token), null]) {
      const { status, json } = await ask({ method: 'GET', url: `${base}/${entity.path}?page[size]=${ROWS}`, token })
      const found = status === 200 && Array.isArray(json?.data) ? (json.data as readonly PlainRow[]) : []
      if (found.length > 0) rows.set(entity.name, found)
      if (found.length > 0) break
    }
  }
  return { callers, rows }
}
