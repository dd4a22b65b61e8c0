/**
 * Which guards of the product's own source the cases of verify notice: each condition is turned to true and to false, each comparison takes
 * or leaves out its limit, and each call whose result nobody uses is left out, one at a time. Only cases that pass the place are asked.
 *
 *     npm run test:verify-source
 *     DESIGN=examples/shop FILES=src/server/rest CASES=200 npm run test:verify-source
 *
 * Writes a line in JSON for each defect, and goes on where it was ended. What no case passes (`never`), passes with one value only
 * (`one-sided`), or notices (`survived`) is a list to read: some of it changes nothing that a caller could see.
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { openBenches } from '../../../src/commands/verifying/open-benches.ts'
import { withClient } from '../../../src/postgres/connect.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../../src/services/identity/passwords/passwords.ts'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import { SAMPLE_PASSWORD } from '../../../src/verify/families/identity/signing-in.ts'
import type { AskedCase } from '../../../src/verify/mutants/run/touching-cases.ts'
import { ROOT } from '../../support/command-line.ts'
import { load } from '../loaded.ts'
import { type AskedBackend, openBackendToAsk } from './asked-backend.ts'
import type { DefectKind, Site } from './sites.ts'
import type { Source } from './switched.ts'

const { DESIGN = 'examples/blog', FILES = 'src/(server|services|compile)/', CASES = '60' } = process.env
const MOST_CASES = Number(CASES)
/** These wait, or look at plans of statements. */
const LEFT_OUT = /^(races|indexes)\//
const PROGRESS = 100
const CRASHED = /^5(?!0[124])\d\d /

const source = (globalThis as unknown as { readonly __plinthSource: Source }).__plinthSource
const folder = join(ROOT, 'node_modules/.cache/verify-source')
const out = join(folder, `${basename(DESIGN)}.jsonl`)

interface Cover {
  readonly one: AskedCase
  readonly passed: Uint8Array
}

type Fate = 'never' | 'one-sided' | 'survived' | 'caught' | 'broken'

interface Defect {
  readonly id: number
  readonly site: Site
  readonly kind: DefectKind
}

const keyOf = ({ site: { file, line, column }, kind }: Pick<Defect, 'site' | 'kind'>): string => `${file}:${line}:${column}:${kind}`

async function main(): Promise<void> {
  const { design, model } = await load(DESIGN)
  const plan = allCasesOf(design, model, await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(SAMPLE_PASSWORD))
  const { benches, close } = await openBenches({ model, folder: join(ROOT, DESIGN), databaseUrl: null, count: 1 })
  const [bench] = benches
  if (bench === undefined) throw new Error('there is a bench')
  mkdirSync(folder, { recursive: true })
  try {
    await withClient(bench.databaseUrl, async (client) => {
      await client.query("set plinth.restores = 'yes'")
      const backend = await openBackendToAsk({ bench, client, design, model, plan })
      source.forget()
      await backend.restart()
      const atStart = source.passed()
      const covers = await coversOf(
        backend,
        [...plan.cases, ...plan.probes].filter(({ name }) => !LEFT_OUT.test(name)),
      )
      await plantAll(backend, { atStart, covers })
      await backend.close()
    })
  } finally {
    await close()
  }
}

/** Where each case passes. Cases that fail without a defect are left out, and said. */
async function coversOf(backend: AskedBackend, cases: readonly AskedCase[]): Promise<readonly Cover[]> {
  const covers: Cover[] = []
  for (const [i, one] of cases.entries()) {
    source.forget()
    const wrong = await backend.wrongWith(one)
    if (wrong === null) covers.push({ one, passed: source.passed() })
    else console.log(`left out: ${one.name}: ${wrong}`)
    if (i % (PROGRESS * 5) === 0) console.log(`${i} of ${cases.length} cases looked at`)
  }
  return covers
}

interface Planting {
  /** What the start of the backend passes. */
  readonly atStart: Uint8Array
  readonly covers: readonly Cover[]
}

async function plantAll(backend: AskedBackend, planting: Planting): Promise<void> {
  const done = new Set(
    existsSync(out)
      ? readFileSync(out, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => keyOf(JSON.parse(line)))
      : [],
  )
  const all = source.sites
    .flatMap((site, id) => site.kinds.map((kind): Defect => ({ id, site, kind })))
    .filter((defect) => new RegExp(FILES).test(defect.site.file) && !done.has(keyOf(defect)))
  const catches = new Map<string, number>()
  const fates = new Map<Fate, number>()
  for (const [i, defect] of all.entries()) {
    const found = await fateOf(backend, defect, { ...planting, catches })
    fates.set(found.fate, (fates.get(found.fate) ?? 0) + 1)
    appendFileSync(out, `${JSON.stringify({ ...defect, ...found })}\n`)
    if (i % PROGRESS === 0) console.log(`${i} of ${all.length} defects: ${JSON.stringify(Object.fromEntries(fates))}`)
  }
  console.log(`${all.length} defects: ${JSON.stringify(Object.fromEntries(fates))}\n${out}`)
}

interface Found {
  readonly fate: Fate
  readonly by?: string
  readonly why?: string
  /** How many cases were asked. */
  readonly asked?: number
}

async function fateOf(
  backend: AskedBackend,
  { id, kind }: Defect,
  { atStart, covers, catches }: Planting & { readonly catches: Map<string, number> },
): Promise<Found> {
  // A condition that is forced to what it is anyway changes nothing.
  const needed = kind === 'true' ? 2 : 1
  const isOf = (passed: Uint8Array): boolean => ((passed[id] ?? 0) & needed) !== 0
  const own = covers.filter(({ passed }) => isOf(passed))
  const isOfStart = isOf(atStart)
  if (own.length === 0 && !isOfStart) {
    const isPassed = [atStart, ...covers.map(({ passed }) => passed)].some((passed) => (passed[id] ?? 0) !== 0)
    return { fate: isPassed ? 'one-sided' : 'never' }
  }
  const chosen = inTurn(isOfStart ? covers : own, catches).slice(0, MOST_CASES)
  source.turn(id, kind)
  let found: Found | null = null
  try {
    if (isOfStart) await backend.restart()
    for (const [i, { one }] of chosen.entries()) {
      const wrong = await backend.wrongWith(one)
      if (wrong === null) continue
      catches.set(one.name, (catches.get(one.name) ?? 0) + 1)
      found = { fate: CRASHED.test(wrong) ? 'broken' : 'caught', by: one.name, why: wrong, asked: i + 1 }
      break
    }
  } catch (error) {
    found = { fate: 'broken', why: String(error) }
  }
  source.turnBack()
  if (found !== null || isOfStart) await backend.restart()
  return found ?? { fate: 'survived', asked: chosen.length }
}

/** One case of each claim in turn, those first that have caught most. */
function inTurn(covers: readonly Cover[], catches: ReadonlyMap<string, number>): readonly Cover[] {
  const rank = ({ one }: Cover): number => catches.get(one.name) ?? 0
  const claims = [...Map.groupBy(covers, ({ one }) => one.claim).values()].map((own) => own.toSorted((a, b) => rank(b) - rank(a)))
  const rounds = Math.max(0, ...claims.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, round) => claims.flatMap((own) => own.slice(round, round + 1))).flat()
}

await main()
process.exit(0)
