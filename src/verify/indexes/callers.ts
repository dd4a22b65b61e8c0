/** Finds one caller of each kind that the rules of a design tell apart. */

import { variantKey } from '../../compile/rules/specialise.ts'
import { sampleValue } from '../../compile/values/sample.ts'
import { ANONYMOUS, type Caller, type ClaimValue } from '../../model/caller.ts'
import type { FieldType } from '../../model/field-type.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'

/** Callers whose requests become the same statements. */
export interface CallerKind {
  /**
   * Names of this kind: `anonymous`, `signed in`, or a value of a claim such as `admin`. There are several if the rules treat these callers
   * alike.
   */
  readonly labels: readonly string[]
  readonly caller: Caller
}

/** The kinds of caller that are examined, and the kinds that are left out. */
export interface Callers {
  readonly kinds: readonly CallerKind[]
  /** Labels of kinds that exist but are not examined. */
  readonly left: readonly string[]
  /** The number of combinations of claims that were not examined; they may be further kinds. */
  readonly unseen: number
  /** Values of claims that no examined caller has, such as `level=7`, or `guest` for the role. */
  readonly without: readonly string[]
}

/** The most kinds that are planned, and the most combinations of claims that are tried. The proof lists what was left out. */
const MOST_KINDS = 32
const MOST_ACCOUNTS = 256

/**
 * One caller for each way in which rules can depend on a caller: anonymous, and an account for every combination of claims with few values
 * (choices, booleans). Callers for whom every rule specialises to the same predicate appear once. The owner of a row makes no difference,
 * because the id is a parameter of the statement. Other backends that send requests for themselves are callers, too.
 */
export function callersOf(model: Model): Callers {
  const anonymous: CallerKind = { labels: ['anonymous'], caller: ANONYMOUS }
  if (model.identity === null) return { kinds: [anonymous], left: [], unseen: 0, without: [] }
  const entity = entityNamed(model, model.identity.entity)
  const claims = model.claims.map(({ name, field }): Claim => {
    const { type } = fieldNamed(entity, field)
    return { name, type, values: valuesOf(type) }
  })
  const accounts = accountsOf(claims)
  const backends = model.acceptedBackends.flatMap(({ name, role }): readonly CallerKind[] =>
    role === null ? [] : [{ labels: [`backend ${name}`], caller: { claims: new Map([['role', role]]), session: null, backend: name } }],
  )
  const all = [
    anonymous,
    ...backends,
    ...accounts.map(({ words, caller }) => ({ labels: [words.length === 0 ? 'signed in' : words.join(' ')], caller })),
  ]
  const kinds = [...Map.groupBy(all, ({ caller }) => variantKey(model, caller)).values()].map(together)
  return {
    kinds: kinds.slice(0, MOST_KINDS),
    left: kinds.slice(MOST_KINDS).flatMap(({ labels }) => labels),
    unseen: claims.reduce((product, { values }) => product * values.length, 1) - accounts.length,
    without: claims.flatMap((claim) =>
      claim.values.filter((value) => !accounts.some((a) => a.caller.claims.get(claim.name) === value)).map((value) => wordOf(claim, value)),
    ),
  }
}

function accountsOf(claims: readonly Claim[]): readonly Account[] {
  let accounts: readonly Account[] = [{ words: [], caller: { claims: new Map(), session: 'sample' } }]
  for (const claim of claims)
    accounts = accounts.flatMap((account) => claim.values.map((value) => withClaim(account, claim, value))).slice(0, MOST_ACCOUNTS)
  return accounts
}

function valuesOf(type: FieldType): readonly ClaimValue[] {
  if (type.kind === 'choice') return type.values
  if (type.kind === 'scalar' && type.scalar === 'boolean') return [true, false]
  const sample = sampleValue(type)
  return [typeof sample === 'string' || typeof sample === 'number' ? sample : null]
}

interface Account {
  readonly words: readonly string[]
  readonly caller: Caller
}

interface Claim {
  readonly name: string
  readonly type: FieldType
  readonly values: readonly ClaimValue[]
}

function withClaim({ words, caller }: Account, claim: Claim, value: ClaimValue): Account {
  const tells = claim.type.kind === 'choice' || typeof value === 'boolean'
  return {
    words: tells ? [...words, wordOf(claim, value)] : words,
    caller: { ...caller, claims: new Map([...caller.claims, [claim.name, value]]) },
  }
}

function wordOf({ name }: Claim, value: ClaimValue): string {
  return name === 'role' ? String(value) : `${name}=${value}`
}

function together(kinds: readonly CallerKind[]): CallerKind {
  const [first] = kinds
  if (first === undefined) throw new Error('a group has a member')
  return { ...first, labels: [...new Set(kinds.flatMap((kind) => kind.labels))] }
}
