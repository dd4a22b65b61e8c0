/** Divides long work of one request into parts, so that the process serves other requests between them. */

/** Milliseconds of work after which a request waits for its next turn. */
const TURN_MS = 1

/** Requests that wait for a turn, in order of arrival. They belong to the event loop, of which a process has one. */
const waiting: (() => void)[] = []
let isTaken = false

/** Starts a turn. Resolves at once, or when this is the first waiting request at the end of a turn of the event loop. */
function takeTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (isTaken) return
    isTaken = true
    nextTurn()
  })
}

/** Gives the turn to the first waiting request, and to the next one after the event loop has read its input. */
function nextTurn(): void {
  const resolve = waiting.shift()
  isTaken = resolve !== undefined
  if (resolve === undefined) return
  setImmediate(nextTurn)
  resolve()
}

/**
 * Calls `work` for each item in order. In one turn of the event loop, only one such list is worked on, for about a millisecond.
 *
 * @throws What `work` throws; later items are then left out.
 */
export async function inTurns<Item>(items: readonly Item[], work: (item: Item, index: number) => Promise<void>): Promise<void> {
  await takeTurn()
  let began = performance.now()
  for (const [i, item] of items.entries()) {
    if (performance.now() - began >= TURN_MS) {
      await takeTurn()
      began = performance.now()
    }
    await work(item, i)
  }
}
