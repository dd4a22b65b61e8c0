/** The kinds of caller that a design tells apart, one of each. */

import { sampleValue } from '../../compile/sample.ts'
import { variantKey } from '../../compile/specialise.ts'
import { ANONYMOUS, type Caller, type ClaimValue } from '../../model/caller.ts'
import { entityNamed, type FieldType, fieldNamed, type Model } from '../../model/model.ts'

export interface CallerKind {
  /** What callers of this kind are called: `anonymous`, `signed in`, or by their claims: `admin`. More than one where no rule tells them apart. */
  readonly labels: readonly string[]
  readonly caller: Caller
}

/** Not every combination of many claims is worth a plan of its own, or even a look. */
const MOST_KINDS = 32
const MOST_ACCOUNTS = 256

/**
 * One caller for each way in which rules can depend on the caller: nobody, and an account for every combination of claims with few values (choices, booleans).
 * Callers of whom every rule makes the same appear once. Whose row it is plays no part: that is a parameter of the statement.
 */
export function callerKinds(model: Model): readonly CallerKind[] {
  const anonymous: CallerKind = { labels: ['anonymous'], caller: ANONYMOUS }
  if (model.identity === null) return [anonymous]
  const entity = entityNamed(model, model.identity.entity)
  const types = model.claims.map(({ name, field }) => ({ name, type: fieldNamed(entity, field).type }))
  let accounts: readonly Account[] = [{ words: [], caller: { claims: new Map(), session: 'sample' } }]
  for (const claim of types)
    accounts = accounts.flatMap((kind) => valuesOf(claim.type).map((value) => withClaim(kind, { ...claim, value }))).slice(0, MOST_ACCOUNTS)
  const kinds = [
    anonymous,
    ...accounts.map(({ words, caller }) => ({ labels: [words.length === 0 ? 'signed in' : words.join(' ')], caller })),
  ]
  return [...Map.groupBy(kinds, ({ caller }) => variantKey(model, caller)).values()].slice(0, MOST_KINDS).map(together)
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

interface Claimed {
  readonly name: string
  readonly type: FieldType
  readonly value: ClaimValue
}

function withClaim({ words, caller }: Account, { name, type, value }: Claimed): Account {
  const tells = type.kind === 'choice' || typeof value === 'boolean'
  const word = tells ? [name === 'role' ? String(value) : `${name}=${value}`] : []
  return { words: [...words, ...word], caller: { ...caller, claims: new Map([...caller.claims, [name, value]]) } }
}

function together(kinds: readonly CallerKind[]): CallerKind {
  const [first] = kinds
  if (first === undefined) throw new Error('a group has a member')
  return { ...first, labels: [...new Set(kinds.flatMap((kind) => kind.labels))] }
}
