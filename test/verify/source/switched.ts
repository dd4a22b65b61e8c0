/**
 * Loads the product's own source with switches, of which one at a time is turned. Imported before everything else:
 * `node --import ./test/verify/source/switched.ts`.
 */

import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DefectKind, type Site, SWITCHES, withSwitches } from './sites.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** What plans and serves. What judges and what reads designs stays as it is. */
const SWITCHED = /^src\/(server|compile|services|embed|postgres)\/(?!.*\.test\.ts$)/
const MOST_SITES = 60_000
/** How often a turned switch is passed before its defect counts as endless. */
const MOST_PASSES = 100_000

const sites: Site[] = []
const passed = new Uint8Array(MOST_SITES)
let turned = -1
let kind: DefectKind = 'true'
let passes = 0
/** Changes when kept results must be forgotten. */
let epoch = 0

function isTurned(id: number): boolean {
  if (id !== turned) return false
  passes++
  if (passes > MOST_PASSES) throw new Error('the planted defect is endless')
  return true
}

function note(id: number, isFirst: boolean): void {
  passed[id] = (passed[id] ?? 0) | (isFirst ? 1 : 2)
}

function compared(left: number, right: number, operator: string): boolean {
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    default:
      return left >= right
  }
}

/** The comparison that differs only where both sides are equal. */
const OTHER: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' }

/** Results for a model that cost so much that they are made anew only for another model. */
const KEPT = /src\/compile\/(compile|graphql\/schemas|tables\/indexes)\.ts/

Object.assign(globalThis, {
  [SWITCHES.condition](id: number, value: unknown): unknown {
    note(id, Boolean(value))
    return isTurned(id) ? kind === 'true' : value
  },
  [SWITCHES.comparison](id: number, left: number, right: number, operator: string): boolean {
    note(id, left === right || Number(left) === Number(right))
    return compared(left, right, isTurned(id) ? (OTHER[operator] ?? operator) : operator)
  },
  __plinthEpoch: () => epoch,
  __plinthIsKept: () => KEPT.test(String(new Error().stack)),
})

/** Kept results would hide a defect in what has made them, so they are forgotten in each epoch. */
const FORGETFUL: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  'src/base/memo.ts': [
    ['const results = new WeakMap<Key, Result>()', 'let results = new WeakMap(), at = __plinthEpoch(); const isKept = __plinthIsKept()'],
    [
      'const known = results.get(key)',
      'if (!isKept && at !== __plinthEpoch()) { results = new WeakMap(); at = __plinthEpoch() }\n    const known = results.get(key)',
    ],
  ],
  'src/base/lru.ts': [
    ['const entries = new Map<string, V>()', 'const entries = new Map(); let at = __plinthEpoch()'],
    ...['get(key) {', 'set(key, value) {'].map(
      (begin) => [begin, `${begin} if (at !== __plinthEpoch()) { entries.clear(); near = null; at = __plinthEpoch() }`] as const,
    ),
  ],
}

function forgetful(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((said, [from, to]) => {
    if (!said.includes(from)) throw new Error(`the source no longer has ${from}`)
    return said.replace(from, to)
  }, text)
}

registerHooks({
  load(url, context, nextLoad) {
    const path = url.startsWith('file:') ? fileURLToPath(url) : ''
    const file = path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : ''
    const changes = FORGETFUL[file]
    if (changes === undefined && !SWITCHED.test(file)) return nextLoad(url, context)
    const typed = readFileSync(path, 'utf8')
    if (changes !== undefined) return { format: 'module', source: stripTypeScriptTypes(forgetful(typed, changes)), shortCircuit: true }
    const switched = withSwitches(file, typed, sites.length)
    sites.push(...switched.sites)
    return { format: 'module', source: switched.text, shortCircuit: true }
  },
})

/** The switches of the source that was loaded. */
export interface Source {
  readonly sites: readonly Site[]
  /** For each site, 1 if a condition was true or both sides of a comparison were equal, 2 if not, 3 for both, since `forget`. */
  readonly passed: () => Uint8Array
  readonly forget: () => void
  /** Plants a defect, in place of the one before. */
  readonly turn: (site: number, defect: DefectKind) => void
  readonly turnBack: () => void
}

/** The switches, for what plants defects. They are a member of `globalThis`, because this module is loaded before all others. */
const source: Source = {
  sites,
  passed: () => passed.slice(0, sites.length),
  forget() {
    passed.fill(0, 0, sites.length)
    epoch++
  },
  turn(site, defect) {
    turned = site
    kind = defect
    passes = 0
    epoch++
  },
  turnBack() {
    turned = -1
    epoch++
  },
}
Object.assign(globalThis, { __plinthSource: source })
