/** Which cases touch what a mutant changed, the likeliest to notice it first. */

import { entityNamed, type Model } from '../../../model/model.ts'
import type { Case, NamedCase } from '../../cases/case.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { Mutant } from '../mutant.ts'

/** What can notice a mutant: one request, or several. */
export type AskedCase = Case | ProbeCase

/** Cases that touch what a mutant changed: those of its claims, and others. */
export interface Touching {
  readonly claimed: readonly AskedCase[]
  readonly others: readonly AskedCase[]
}

/** Families whose cases send many requests, or are about no entity. They are asked only about mutants of their claims. */
const APART = /^(races|identity)\//

/**
 * The cases that can take credit for catching a mutant: those of its claims; then all about its entity; then those about entities that
 * refer to it, or to which it refers. Of a defect behind some doors, only cases of its claims through these doors.
 *
 * @param catchers the claims and doors that have caught before, by number of catches.
 */
export function touchingCases(model: Model, cases: readonly AskedCase[], mutant: Mutant, catchers: ReadonlyMap<string, number>): Touching {
  const { doors, claims, entity } = mutant
  const isClaimed = (one: AskedCase): boolean =>
    claims.some((claim) => one.claim === claim || one.claim.startsWith(`${claim}.`) || one.claim.startsWith(`${claim}/`))
  // An action of the design is about no entity.
  const near = entity === '' ? new Set<string>() : neighbours(model, entity)
  const rank = (one: AskedCase): number => {
    if (isClaimed(one)) return 0
    if (doors !== null || APART.test(one.claim)) return 3
    const about = [...('request' in one ? [one.request.entity] : []), entityOfClaim(one.claim)]
    return entity !== '' && about.includes(entity) ? 1 : about.some((name) => near.has(name)) ? 2 : 3
  }
  const ranked = cases.map((one) => ({ one, rank: rank(one), catches: catchers.get(catcherKey(one)) ?? 0 }))
  const touching = ranked
    .filter((each) => each.rank < 3 && (doors === null || doors.includes(each.one.door)))
    .sort((a, b) => a.rank - b.rank || b.catches - a.catches)
  const of = (isWanted: (rank: number) => boolean): readonly AskedCase[] =>
    touching.filter((each) => isWanted(each.rank)).map(({ one }) => one)
  return { claimed: of((each) => each === 0), others: of((each) => each > 0) }
}

/** What cases that catch mutants for the same reason have in common. */
export function catcherKey({ claim, door, goals }: NamedCase): string {
  return `${claim.split('/', 1)[0]} ${door} ${goals[0]?.split('/').at(-1) ?? ''}`
}

/** `Post` of `access/Post.read` and `values/Post.title`. */
function entityOfClaim(claim: string): string {
  return claim.split('/').at(-1)?.split('.', 1)[0] ?? ''
}

function neighbours(model: Model, name: string): ReadonlySet<string> {
  const own = entityNamed(model, name)
  const referred = own.fields.flatMap(({ type }) => (type.kind === 'ref' ? [type.entity] : []))
  const referring = model.entities.filter(({ fields }) => fields.some(({ type }) => type.kind === 'ref' && type.entity === name))
  return new Set([...referred, ...referring.map((entity) => entity.name)])
}
