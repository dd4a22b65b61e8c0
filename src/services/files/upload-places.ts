/**
 * Limits how many files arrive in this process at the same time, because each holds a connection and, with S3, some memory. The more
 * arrive, the fewer places one sender gets and the faster it has to send, so that a few slow senders cannot hold all places.
 */

/** The most at once. */
const ALL = 64

/** What holds from a number of taken places on. */
interface Level {
  readonly taken: number
  /** The most places of one sender. */
  readonly each: number
  /** The fewest bytes a second of a sender on average. */
  readonly leastRate: number
}

const USUAL: Level = { taken: 0, each: 8, leastRate: 8_192 }
/** From half of the places on, and from three quarters on. */
const LEVELS: readonly Level[] = [
  { taken: 48, each: 2, leastRate: 65_536 },
  { taken: 32, each: 4, leastRate: 32_768 },
]

/** Why there is no place: those of the sender are taken, or all of them. */
export type NoPlace = 'of-sender' | 'of-all'

/** Gives places to files that arrive. */
export interface UploadPlaces {
  /** Takes a place for a sender. @returns what gives it back, to be called once; or why there is none. */
  readonly take: (sender: string) => (() => void) | NoPlace
  /** The fewest bytes a second that each sender has to send now, on average. */
  readonly leastRate: () => number
}

/** Opens the places of a process. */
export function openUploadPlaces(): UploadPlaces {
  const bySender = new Map<string, number>()
  let taken = 0
  const level = (): Level => LEVELS.find((one) => taken >= one.taken) ?? USUAL
  return {
    take(sender) {
      const own = bySender.get(sender) ?? 0
      if (taken >= ALL) return 'of-all'
      if (own >= level().each) return 'of-sender'
      bySender.set(sender, own + 1)
      taken += 1
      return () => {
        taken -= 1
        const left = (bySender.get(sender) ?? 1) - 1
        if (left === 0) bySender.delete(sender)
        else bySender.set(sender, left)
      }
    },
    leastRate: () => level().leastRate,
  }
}
