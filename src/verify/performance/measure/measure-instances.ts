/** What one, two and four serving processes on one database cost: all operations together, by the same number of callers. */

import { watchWaits } from '../limits/watch-waits.ts'
import type { MeasuredInstances } from '../performance-report.ts'
import { type LoadStage, perRequest, type ServingProcess, type Used, usedBy } from './load-stage.ts'
import { CALLERS } from './measure-load.ts'

const INSTANCES = [1, 2, 4]
/** Code of a new process is compiled while it runs, for this part of a measurement. */
const WARM = 0.5

/** Measures each number of processes. @param texts requests of all operations. */
export async function measureInstances(load: LoadStage, texts: () => readonly string[], seconds: number): Promise<MeasuredInstances> {
  const started: ServingProcess[] = []
  const measured: MeasuredInstances[number][] = []
  try {
    for (const instances of INSTANCES) {
      while (started.length < instances - 1) started.push(await load.serveAgain())
      measured.push(await measureOne(load, started, { texts, seconds }))
    }
    return measured
  } finally {
    for (const { stop } of started) await stop()
  }
}

async function measureOne(
  load: LoadStage,
  others: readonly ServingProcess[],
  { texts, seconds }: { readonly texts: () => readonly string[]; readonly seconds: number },
): Promise<MeasuredInstances[number]> {
  const { generator, client, port } = load
  const ports = [port, ...others.map((one) => one.port)]
  const send = async (warmSeconds: number, length: number) => {
    generator.use(texts())
    return generator.closed({ ports, callers: CALLERS, warmSeconds, seconds: length })
  }
  if (others.length > 0) await send(0, seconds * WARM)
  const stages = [load, ...others.map(({ pid }) => ({ pid, client }))]
  const look = async () => {
    const used: Used[] = []
    for (const stage of stages) used.push(await usedBy(stage))
    const servers = used.map(({ server }) => server)
    return {
      server: sumOf(servers),
      // Sessions of all processes are in one database.
      database: used[0]?.database ?? null,
      serverBytes: sumOf(used.map(({ serverBytes }) => serverBytes)),
      databaseBytes: used[0]?.databaseBytes ?? null,
    }
  }
  const before = await look()
  const { result, waits } = await watchWaits(client, () => send(0, seconds))
  const after = await look()
  const answered = result.requests - result.failed
  return {
    ...{ instances: stages.length, callers: CALLERS, perSecond: digits(answered / result.seconds), failed: result.failed },
    serverMs: rounded(perRequest(before.server, after.server, result.requests)),
    databaseMs: rounded(perRequest(before.database, after.database, result.requests)),
    connections: waits.sessions,
    waiting: waits.looks === 0 ? 0 : digits(waits.waiting / waits.looks),
    serverMb: megabytes(after.serverBytes),
    databaseMb: megabytes(after.databaseBytes),
  }
}

/** Null if one cannot be seen. */
function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}

function megabytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.round(bytes / 1024 / 1024)
}

function rounded(value: number | null): number | null {
  return value === null ? null : digits(value)
}

/** Three digits are more than such figures know. */
function digits(value: number): number {
  return Number(value.toPrecision(3))
}
