/**
 * Checks a history of transactions that append to lists and read lists. A list shows the order of its appends, so the history shows which
 * transaction must stand before which, and a circle among these is an anomaly.
 *
 * Source: Kingsbury, Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations"; Adya, "Weak Consistency" (G0, G1, G2).
 */

/** An operation of a transaction. A read has the list that it found. */
export type Operation =
  | { readonly kind: 'append'; readonly key: string; readonly value: number }
  | { readonly kind: 'read'; readonly key: string; readonly list: readonly number[] }

/** A transaction as its client saw it. `failed`: it certainly changed nothing. `unknown`: the client got no answer. */
export interface Transaction {
  readonly outcome: 'ok' | 'failed' | 'unknown'
  readonly operations: readonly Operation[]
}

/** An anomaly. `order`: two reads of one list that no order of appends explains. */
export interface Anomaly {
  readonly kind: 'G0' | 'G1a' | 'G1b' | 'G1c' | 'G2' | 'order' | 'internal' | 'lost'
  readonly note: string
}

/** Finds the anomalies of a history. A value is appended at most once. @param isFinal whether its last reads have read every list */
export function checkHistory(history: readonly Transaction[], isFinal = false): readonly Anomaly[] {
  const found: Anomaly[] = []
  const writers = writersOf(history)
  const lists = longestReads(history, found)
  for (const [index, one] of history.entries()) if (one.outcome === 'ok') checkReads({ index, one, history, writers }, found)
  const placed = new Map([...lists].map(([key, list]) => [key, new Map(list.map((value, place) => [value, place]))]))
  if (isFinal) checkLost(history, placed, found)
  const edges = edgesOf(history, { writers, lists })
  const count = history.length
  for (const [kind, kinds] of CIRCLES) {
    const of = edges.filter((edge) => kinds.includes(edge.kind))
    const known = new Set(found.flatMap(({ kind: other, note }) => (other === 'G0' || other === 'G1c' ? [note] : [])))
    for (const circle of circlesOf(count, of)) {
      const note = circle.join(' ')
      if (!known.has(note)) found.push({ kind, note })
    }
  }
  return found
}

/** Circles by their edges. Each contains the ones before it, and what was found there is not found again. */
const CIRCLES: readonly (readonly [Anomaly['kind'], readonly Edge['kind'][]])[] = [
  ['G0', ['ww']],
  ['G1c', ['ww', 'wr']],
  ['G2', ['ww', 'wr', 'rw']],
]

interface Edge {
  readonly from: number
  readonly to: number
  /** `ww`: appends next; `wr`: reads what the other has appended; `rw`: appends what the other has not read yet. */
  readonly kind: 'ww' | 'wr' | 'rw'
}

/** The transaction that has appended each value. */
function writersOf(history: readonly Transaction[]): ReadonlyMap<number, number> {
  return new Map(
    history.flatMap(({ operations }, index) => operations.flatMap((one) => (one.kind === 'append' ? [[one.value, index] as const] : []))),
  )
}

/** The longest list that was read of each key. Each other read must be a beginning of it. */
function longestReads(history: readonly Transaction[], found: Anomaly[]): ReadonlyMap<string, readonly number[]> {
  const longest = new Map<string, readonly number[]>()
  for (const { outcome, operations } of history)
    for (const one of operations) {
      if (outcome !== 'ok' || one.kind !== 'read') continue
      const known = longest.get(one.key) ?? []
      const [short, long] = known.length < one.list.length ? [known, one.list] : [one.list, known]
      if (short.some((value, place) => long[place] !== value))
        found.push({ kind: 'order', note: `${one.key}: ${short.join(',')} is no beginning of ${long.join(',')}` })
      longest.set(one.key, long)
    }
  return longest
}

interface Reading {
  readonly index: number
  readonly one: Transaction
  readonly history: readonly Transaction[]
  readonly writers: ReadonlyMap<number, number>
}

function checkReads({ index, one, history, writers }: Reading, found: Anomaly[]): void {
  const own = new Map<string, number[]>()
  for (const operation of one.operations) {
    const { key } = operation
    if (operation.kind === 'append') {
      own.set(key, [...(own.get(key) ?? []), operation.value])
      continue
    }
    const { list } = operation
    const mine = own.get(key) ?? []
    if (mine.some((value, i) => list[list.length - mine.length + i] !== value))
      found.push({ kind: 'internal', note: `${key}: ${index} does not read its own ${mine.join(',')}` })
    for (const value of list) {
      const writer = writers.get(value)
      if (writer === undefined || history[writer]?.outcome === 'failed')
        found.push({ kind: 'G1a', note: `${key}: ${index} reads ${value}, which no transaction has committed` })
    }
    const last = list.at(-1)
    const writer = last === undefined ? undefined : writers.get(last)
    if (writer === undefined || writer === index) continue
    const appended = history[writer]?.operations.flatMap((each) => (each.kind === 'append' && each.key === key ? [each.value] : []))
    if (appended?.at(-1) !== last) found.push({ kind: 'G1b', note: `${key}: ${index} reads ${last}, and ${writer} appended more` })
  }
}

/** Reports what was committed and is in no list. */
function checkLost(history: readonly Transaction[], placed: ReadonlyMap<string, ReadonlyMap<number, number>>, found: Anomaly[]): void {
  for (const [index, { outcome, operations }] of history.entries())
    for (const one of operations)
      if (outcome === 'ok' && one.kind === 'append' && placed.get(one.key)?.has(one.value) !== true)
        found.push({ kind: 'lost', note: `${one.key}: ${one.value} of ${index}` })
}

function edgesOf(
  history: readonly Transaction[],
  { writers, lists }: { readonly writers: ReadonlyMap<number, number>; readonly lists: ReadonlyMap<string, readonly number[]> },
): readonly Edge[] {
  const edges: Edge[] = []
  const add = (from: number | undefined, to: number | undefined, kind: Edge['kind']): void => {
    if (from !== undefined && to !== undefined && from !== to) edges.push({ from, to, kind })
  }
  const writerOf = (value: number | undefined): number | undefined => (value === undefined ? undefined : writers.get(value))
  for (const list of lists.values()) for (const [place, value] of list.entries()) add(writerOf(value), writerOf(list[place + 1]), 'ww')
  for (const [index, { outcome, operations }] of history.entries()) {
    if (outcome !== 'ok') continue
    for (const one of operations) {
      if (one.kind !== 'read') continue
      add(writerOf(one.list.findLast((value) => writers.get(value) !== index)), index, 'wr')
      add(index, writerOf(lists.get(one.key)?.[one.list.length]), 'rw')
    }
  }
  return edges
}

/** One shortest circle, as the numbers of its transactions, of each group of transactions that reach one another. */
function circlesOf(count: number, edges: readonly Edge[]): readonly (readonly number[])[] {
  const next: number[][] = Array.from({ length: count }, () => [])
  for (const { from, to } of edges) next[from]?.push(to)
  return groupsOf(next).map((group) => circleIn(next, new Set(group)))
}

/** The groups of at least two transactions that reach one another (Tarjan, "Depth-first search and linear graph algorithms"). */
function groupsOf(next: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const seen = new Int32Array(next.length)
  const low = new Int32Array(next.length)
  const isOpen = new Uint8Array(next.length)
  const open: number[] = []
  const groups: number[][] = []
  let counter = 0
  for (let root = 0; root < next.length; root++) {
    if (seen[root] !== 0) continue
    // A stack in place of recursion: a history has hundreds of thousands of transactions.
    const path: { readonly node: number; edge: number }[] = [{ node: root, edge: 0 }]
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node } = top
      if (top.edge === 0) {
        seen[node] = low[node] = ++counter
        isOpen[node] = 1
        open.push(node)
      }
      const to = next[node]?.[top.edge++]
      if (to !== undefined) {
        if (seen[to] === 0) path.push({ node: to, edge: 0 })
        else if (isOpen[to] === 1) low[node] = Math.min(low[node] ?? 0, seen[to] ?? 0)
        continue
      }
      path.pop()
      const parent = path.at(-1)?.node
      if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0)
      if (low[node] !== seen[node]) continue
      const group = open.splice(open.lastIndexOf(node))
      for (const one of group) isOpen[one] = 0
      if (group.length > 1) groups.push(group)
    }
  }
  return groups
}

function circleIn(next: readonly (readonly number[])[], group: ReadonlySet<number>): readonly number[] {
  const [start = 0] = group
  const cameFrom = new Map<number, number>()
  for (const node of breadthFirst(start)) {
    for (const to of next[node] ?? []) {
      if (to === start) return pathTo(node)
      if (group.has(to) && !cameFrom.has(to)) cameFrom.set(to, node)
    }
  }
  return [...group]

  function* breadthFirst(first: number): Generator<number> {
    yield first
    // The map gets further entries while it is iterated.
    for (const to of cameFrom.keys()) yield to
  }

  function pathTo(end: number): readonly number[] {
    const path = [end]
    for (let at = end; at !== start; path.unshift(at)) at = cameFrom.get(at) ?? start
    return path
  }
}
