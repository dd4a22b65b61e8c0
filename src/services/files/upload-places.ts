/** Limits how many files arrive in this process at the same time, because each holds a connection and, with S3, some memory. */

/** The most at once: of one sender, and of all. */
const EACH = 8
const ALL = 64

/** Why there is no place: those of the sender are taken, or all of them. */
export type NoPlace = 'of-sender' | 'of-all'

/** Gives places to files that arrive. */
export interface UploadPlaces {
  /** Takes a place for a sender. @returns what gives it back, to be called once; or why there is none. */
  readonly take: (sender: string) => (() => void) | NoPlace
}

/** Opens the places of a process. */
export function openUploadPlaces({ each = EACH, all = ALL }: { readonly each?: number; readonly all?: number } = {}): UploadPlaces {
  const bySender = new Map<string, number>()
  let taken = 0
  return {
    take(sender) {
      const own = bySender.get(sender) ?? 0
      if (own >= each) return 'of-sender'
      if (taken >= all) return 'of-all'
      bySender.set(sender, own + 1)
      taken += 1
      return () => {
        taken -= 1
        const left = (bySender.get(sender) ?? 1) - 1
        if (left === 0) bySender.delete(sender)
        else bySender.set(sender, left)
      }
    },
  }
}
