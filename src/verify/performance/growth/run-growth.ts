/** Growth in the course of a run: on ever more rows before the load, and on all rows when they are there. */

import { type Counts, countAll } from '../measure/load-stage.ts'
import type { RunningLoad } from '../measure/running-load.ts'
import type { PreparedOperation } from '../operations/prepare.ts'
import { prepareAll } from '../operations/prepare-all.ts'
import type { MeasuredGrowth } from '../performance-report.ts'
import { type LoadedRows, loadRows } from '../rows/load-rows.ts'
import { followed, GROWTH_PARTS, type Growing, type GrowthPoint, growthOf, LEAST_ROWS, measurePoint } from './measure-growth.ts'

/** Growth needs at least this many parts of the rows below all of them. */
const LEAST_POINTS = 2

/** Growth on a part of the rows after the other, from the fewest. */
export async function smallerPoints(
  growing: Growing,
  running: RunningLoad,
  most: ReadonlyMap<string, number>,
): Promise<readonly GrowthPoint[]> {
  const largest = Math.max(...most.values())
  const parts = GROWTH_PARTS.filter((part) => part < 1 && largest * part >= LEAST_ROWS)
  const points: GrowthPoint[] = []
  for (const [n, part] of parts.entries()) {
    const at = performance.now()
    const fewer = new Map([...most].map(([name, count]) => [name, Math.max(1, Math.round(count * part))]))
    const loaded = await loadRows(growing.load.client, { ...running, counts: fewer })
    const { prepared } = await prepareAll(growing.load, running)
    const counts: Counts = n === 0 ? await countAll(growing.load, followed(prepared)) : new Map()
    points.push(await measurePoint(growing, prepared, { part, loaded, counts }))
    running.onDone('growth', `${loaded.reduce((sum, one) => sum + one.rows, 0)} rows`, performance.now() - at)
  }
  return points
}

/** What the last point needs. */
export interface AtMostRows {
  readonly running: RunningLoad
  /** The points with fewer rows. */
  readonly points: readonly GrowthPoint[]
  readonly prepared: readonly PreparedOperation[]
  readonly loaded: readonly LoadedRows[]
  readonly counts: Counts
  /** Gets what could not be measured. */
  readonly left: { what: string; why: string }[]
}

/** The last point of growth, on all rows, and what follows from all points. */
export async function growthAt(
  growing: Growing,
  { running, points, prepared, loaded, counts, left }: AtMostRows,
): Promise<MeasuredGrowth | null> {
  if (running.asked === 'one') return null
  if (points.length < LEAST_POINTS) {
    left.push({ what: 'growth with the rows', why: `it takes at least ${LEAST_ROWS * 100} rows of the largest table` })
    return null
  }
  const at = performance.now()
  const last = await measurePoint(growing, prepared, { part: 1, loaded, counts })
  const growth = await growthOf(growing, prepared, [...points, last])
  const grown = growth.operations.filter(({ growth: how }) => how === 'grows').map(({ what }) => what)
  running.onDone('growth', grown.length === 0 ? 'no operation grows' : `grows: ${grown.join(', ')}`, performance.now() - at)
  return growth
}
