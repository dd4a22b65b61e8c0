/** Works on many items, some of them at the same time. */

/** Calls `work` for all items, at most `most` at the same time. @throws the first error, after all that run have ended. */
export async function inParallel<T>(most: number, items: readonly T[], work: (item: T, place: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const place = next++
      await work(items[place] as T, place)
    }
  }
  const results = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, worker))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
