/** Compares the backend with another build for `plinth verify`: both are served at once, each on a database of its own. */

import type { Connection } from '../../../postgres/connect.ts'
import { withClient } from '../../../postgres/connect.ts'
import { type ComparedBuild, compareBuilds } from '../../../verify/performance/compare/compare-builds.ts'
import { startGenerator } from '../../../verify/performance/load/generator.ts'
import { prepareAll } from '../../../verify/performance/operations/prepare-all.ts'
import { loadRows, rowCounts } from '../../../verify/performance/rows/load-rows.ts'
import { buildClaims } from '../../../verify/report/load/build-claims.ts'
import { worldOf } from '../../../verify/worlds/world-of.ts'
import { type OpenStage, openStage } from '../open-stage.ts'
import { BUILDS_NAME, loadNumbers, type MeasuredPerformance } from '../parts/measured-performance.ts'
import type { MeasuringPerformance } from './measure-performance.ts'
import type { OtherBuild } from './other-build.ts'

/** Rows of each entity unless the options say otherwise. Growth is measured elsewhere. */
const ROWS = 20_000
/** Seconds of processor time of a slice, as a part of those of other measurements. */
const SLICE = 1 / 40
const SECONDS = 4
/** No further pairs are begun after this. */
const MOST_SECONDS = 240

/** Measures both. */
export async function compareWithBuild(measuring: MeasuringPerformance, other: OtherBuild): Promise<MeasuredPerformance> {
  const { stage, model, design, seed, onDone, plan, passwordHash } = measuring
  const { rows, seconds } = loadNumbers(measuring.load)
  const generator = startGenerator()
  const opening = [
    openStage({ ...stage, instances: 1 }),
    openStage({
      ...{ ...stage, instances: 1, model: other.model, design: other.design, program: other.program },
      ...(other.isOwn ? {} : { migratedBy: 'program' as const }),
    }),
  ]
  const opened = (await Promise.allSettled(opening)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  try {
    const [now, before] = (await Promise.all(opening)) as [OpenStage, OpenStage]
    return await withClient(now.stage.databaseUrl, (newClient) =>
      withClient(before.stage.databaseUrl, async (oldClient) => {
        const began = performance.now()
        const filling = { passwordHash, seed, onDone }
        const most = rows ?? ROWS
        const own = { design, model, templates: plan.world.rows, counts: rowCounts(model, most) }
        const counts = new Map([...rowCounts(other.model, most)].map(([name, count]) => [name, own.counts.get(name) ?? count]))
        const theirs = {
          ...{ design: other.written, model: other.model, counts },
          templates: worldOf(other.written, other.model, passwordHash).rows,
        }
        await Promise.all([loadRows(newClient, { ...filling, ...own }), loadRows(oldClient, { ...filling, ...theirs })])
        await Promise.all([settle(newClient), settle(oldClient)])
        const only = operationOf(measuring.only)
        const { prepared, left } = await prepareAll({ client: newClient, stage: now.stage }, { model, seed, only })
        onDone('builds', `both have the same rows; ${prepared.length} operations`, performance.now() - began)
        const operations = await compareBuilds({
          builds: { old: comparedBuild(before, oldClient, other.model), new: comparedBuild(now, newClient, model) },
          ...{ generator, prepared, seed, onDone, mostSeconds: MOST_SECONDS, seconds: (seconds ?? SECONDS) * SLICE },
        })
        const builds = { with: other.name, plinth: other.plinth, operations }
        return {
          ...{ performance: null, builds, postgres: now.postgres },
          claims: buildClaims(builds, { ...measuring, targets: model.targets }),
          notTested: left.map(({ what, why }) => ({ what: `${what} against another build`, why, count: null, kind: 'missing' as const })),
        }
      }),
    )
  } finally {
    await generator.stop()
    await Promise.all(opened.map(({ close }) => close()))
  }
}

/** So that neither database is tidied up while the other one is measured. */
async function settle(client: Connection): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables where schemaname = 'public'",
  )
  for (const { name } of rows) await client.query(`alter table ${name} set (autovacuum_enabled = false)`)
  await client.query('vacuum analyze')
}

/** The process that the stage has started is the first one. */
function comparedBuild({ stage, served, serveAgain }: OpenStage, client: Connection, { identity }: OtherBuild['model']): ComparedBuild {
  let first: OpenStage['served'] | null = served
  return {
    ...{ client, tokenFor: stage.tokenFor, scheme: identity?.token.scheme ?? 'Bearer' },
    async start() {
      const started = first ?? (await serveAgain())
      first = null
      started.ignoreLog()
      return { port: Number(new URL(started.url).port), pid: started.pid, stop: started.kill }
    },
  }
}

/** The beginning of the ids of the operations to compare; null for all. */
function operationOf(only: string | undefined): string | null {
  return only?.startsWith(`${BUILDS_NAME}/`) === true ? only.slice(BUILDS_NAME.length + 1) || null : null
}
