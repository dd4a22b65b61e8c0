/**
 * The code of the design that runs at the moment, in memory that another thread can read. The thread of the watchdog reads it when the
 * event loop no longer turns, because the blocked thread then answers nothing.
 *
 * The memory is a header of three numbers (turns of the event loop, runs so far, 1 for a debugger), and then slots: the number of the run
 * (0: free), the bytes of the name, the name.
 */

import { memoText } from '../../base/memo.ts'

/** The maximum number of runs at the same time whose names are kept. */
const SLOTS = 64
const NAME_BYTES = 248
const SLOT_BYTES = NAME_BYTES + 8
const HEADER_BYTES = 12
const TURNS = 0
const RUNS = 1
const DEBUGGER = 2

const text = new TextEncoder()
const bytesOf = memoText(1_000, (name) => text.encode(name).subarray(0, NAME_BYTES))

/** The code that runs, as the thread that runs it sees it. */
export interface RunningCode {
  readonly memory: SharedArrayBuffer
  /** Counts a turn of the event loop, and keeps whether a debugger can stop the process now. */
  turn(now?: { readonly debugged: boolean }): void
  /** Records that code with a name begins to run. Call the result when the code has ended. */
  begin(name: string): () => void
}

/** What runs, as another thread sees it. */
export interface SeenCode {
  /** The turns of the event loop so far; they start again at the lowest number after the highest. */
  readonly turns: number
  /** Whether a debugger could stop the process at the last turn. */
  readonly debugged: boolean
  /** The names of what runs, the latest first. */
  readonly names: readonly string[]
}

/** Opens the memory. */
export function openRunningCode(): RunningCode {
  const memory = new SharedArrayBuffer(HEADER_BYTES + SLOTS * SLOT_BYTES)
  const numbers = new Int32Array(memory)
  return {
    memory,
    turn({ debugged } = { debugged: false }) {
      Atomics.store(numbers, DEBUGGER, debugged ? 1 : 0)
      Atomics.add(numbers, TURNS, 1)
    },
    begin(name) {
      const run = Atomics.add(numbers, RUNS, 1) + 1
      const slot = freeSlot(numbers)
      if (slot === null) return nothing
      const at = slotAt(slot)
      const bytes = bytesOf(name)
      new Uint8Array(memory, at + 8, NAME_BYTES).set(bytes)
      Atomics.store(numbers, at / 4 + 1, bytes.length)
      Atomics.store(numbers, at / 4, run)
      return () => void Atomics.store(numbers, at / 4, 0)
    },
  }
}

/** Reads the memory of another thread. */
export function seeCode(memory: SharedArrayBuffer): SeenCode {
  const numbers = new Int32Array(memory)
  const runs: (readonly [run: number, name: string])[] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = slotAt(slot)
    const run = Atomics.load(numbers, at / 4)
    if (run === 0) continue
    const length = Atomics.load(numbers, at / 4 + 1)
    // A decoder takes no shared memory, so the bytes are copied.
    runs.push([run, new TextDecoder().decode(new Uint8Array(memory, at + 8, length).slice())])
  }
  const debugged = Atomics.load(numbers, DEBUGGER) === 1
  return { turns: Atomics.load(numbers, TURNS), debugged, names: runs.toSorted(([a], [b]) => b - a).map(([, name]) => name) }
}

function slotAt(slot: number): number {
  return HEADER_BYTES + slot * SLOT_BYTES
}

function freeSlot(numbers: Int32Array): number | null {
  for (let slot = 0; slot < SLOTS; slot++) if (Atomics.load(numbers, slotAt(slot) / 4) === 0) return slot
  return null
}

function nothing(): void {}
