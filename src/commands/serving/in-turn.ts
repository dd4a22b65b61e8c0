/** Work that may be asked for while it runs. */

/** Runs the work again after it has ended, if it was asked for meanwhile; never twice at once. */
export function inTurn(work: () => Promise<void>): () => void {
  let last = Promise.resolve()
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    last = last
      .then(() => {
        waiting = false
        return work()
      })
      .catch(() => {})
  }
}
