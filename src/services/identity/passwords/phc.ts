/** Reads and writes argon2id hashes as text: `$argon2id$v=19$m=19456,t=2,p=1$salt$tag` (the PHC string format; base64 without padding). */

/** The cost of a hash: memory in KiB, passes over it, and lanes (the degree of parallelism, RFC 9106). */
export interface HashCost {
  readonly memory: number
  readonly passes: number
  readonly lanes: number
}

/** A hash with its salt and cost. */
export interface PasswordHash {
  readonly cost: HashCost
  readonly salt: Buffer
  readonly tag: Buffer
}

/** The highest cost of a stored hash. A hash with a higher cost is damaged or hostile, so it is not computed. */
const MAX_COST = { memory: 256 * 1024, passes: 10, lanes: 8 }
const SALT_BYTES = { least: 8, most: 64 }
const TAG_BYTES = { least: 16, most: 64 }

const PHC = /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

/** Parses a hash; null when it is not argon2id version 1.3, or its cost is out of bounds. */
export function parsePhc(text: string): PasswordHash | null {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(text) ?? []
  if (memory === undefined || passes === undefined || lanes === undefined || salt === undefined || tag === undefined) return null
  const cost = { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) }
  const hash = { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') }
  return withinBounds(hash) ? hash : null
}

/** Returns the text of a hash, as it is stored. */
export function formatPhc({ cost, salt, tag }: PasswordHash): string {
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$${unpadded(salt)}$${unpadded(tag)}`
}

function withinBounds({ cost, salt, tag }: PasswordHash): boolean {
  // RFC 9106 section 3.1: at least 8 KiB for each lane
  const affordable =
    cost.memory <= MAX_COST.memory && cost.passes <= MAX_COST.passes && cost.lanes <= MAX_COST.lanes && cost.memory >= 8 * cost.lanes
  return affordable && lengthWithin(salt, SALT_BYTES) && lengthWithin(tag, TAG_BYTES)
}

function lengthWithin(bytes: Buffer, limits: { readonly least: number; readonly most: number }): boolean {
  return bytes.length >= limits.least && bytes.length <= limits.most
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
