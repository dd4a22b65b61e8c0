/** Tries indexes on the statements whose cost grows, so that only an index that helps is advised. */

import { ident, sql } from '../../base/sql/sql.ts'
import { sqlText } from '../../base/sql/sql-text.ts'
import type { TableIndex } from '../../model/database.ts'
import { fieldNamed } from '../../model/model.ts'
import { type CandidateIndex, formOf, type PossibleIndex, spelledIndex } from './candidates.ts'
import { BADNESS } from './judge.ts'
import { type GrowthSetup, type Judged, judgeGrowth, type TestedStatement } from './judge-growth.ts'
import type { Remedy } from './proof.ts'

/** Tries each candidate on all statements that propose it, and keeps the best one for each statement. */
export async function remediesFor(setup: GrowthSetup, found: readonly Judged[]): Promise<ReadonlyMap<TestedStatement, Remedy>> {
  const remedies = new Map<TestedStatement, Remedy>()
  for (const { candidate, users } of wantedBy(found)) {
    const growthNow = ({ subject, growth }: Judged) => remedies.get(subject)?.growth ?? growth
    const open = new Map(users.filter((one) => growthNow(one) !== 'flat').map((one) => [one.subject, one]))
    if (open.size === 0) continue
    const work = () => judgeGrowth(setup, [...open.keys()])
    const again = await setup.scratch.withIndex(candidate.entity.table, trialIndex(candidate), work)
    for (const now of again) {
      const before = open.get(now.subject)
      if (before === undefined || BADNESS[now.growth] >= BADNESS[growthNow(before)]) continue
      const { entity, advice } = candidate
      const fields = spelledIndex(candidate)
      remedies.set(now.subject, { entity: entity.name, fields, advice, cost: now.costs.expected, growth: now.growth })
    }
  }
  return remedies
}

interface Wanted {
  readonly candidate: PossibleIndex
  readonly users: readonly Judged[]
}

/** Each candidate once, in the order of the statements that are not flat and propose it. */
function wantedBy(found: readonly Judged[]): readonly Wanted[] {
  const wishes = found.flatMap((one) => (one.growth === 'flat' ? [] : one.subject.candidates.map((candidate) => ({ candidate, one }))))
  const groups = Map.groupBy(wishes, ({ candidate }) => `${candidate.entity.name} ${spelledIndex(candidate)}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ candidate: first.candidate, users: group.map(({ one }) => one) }]
  })
}

/** The candidate as an index that the design would declare, with a name of its own. */
export function trialIndex(candidate: CandidateIndex): TableIndex {
  const parts = formOf(candidate).map(({ field, descending }) => {
    const column = ident(fieldNamed(candidate.entity, field).column)
    return sqlText(descending ? sql`${column} desc` : column)
  })
  return { name: 'plinth_trial', method: 'btree', parts, unique: false, where: null }
}
