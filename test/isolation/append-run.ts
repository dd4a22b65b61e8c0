/** Appends to lists and reads lists over HTTP with many clients, and keeps the history for `checkHistory`. */

import type { Random } from '../support/random.ts'
import type { Operation, Transaction } from './check-history.ts'

/** The isolation of a client's transactions. */
export type Level = 'Rc' | 'Ser'

/** Sends a request; null when it was not answered. */
export type Send = (method: string, path: string, body?: object) => Promise<{ readonly status: number; readonly text: string } | null>

/** How many lists are in use at a time, and how often each is used before others take its place. */
const AT_ONCE = 4
const USES = 60

/** The name of a list. */
export function registerName(level: Level, number: number): string {
  return `${level}${number}`
}

/** The transactions of one level. */
export class Appending {
  readonly history: Transaction[] = []
  /** How many requests were answered 409 `write_conflict`. */
  conflicts = 0
  readonly #level: Level
  readonly #lists: number
  readonly #counter: { value: number }

  /** @param counter of values, which no two levels share @param lists how many there are */
  constructor(level: Level, { counter, lists }: { readonly counter: { value: number }; readonly lists: number }) {
    this.#level = level
    this.#lists = lists
    this.#counter = counter
  }

  /** Sends transactions until `isOver`. */
  async client(send: Send, random: Random, isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.#one(send, random)
  }

  /** Reads all lists, so that what is in none of them is found to be lost. */
  async readAll(send: Send): Promise<void> {
    for (let i = 0; i < Math.min(this.#lists, this.#first() + AT_ONCE); i += 2) {
      const names = { a: registerName(this.#level, i), b: registerName(this.#level, i + 1) }
      while ((await this.#run({ kind: 'readBoth', ...names, x: 0, y: 0 }, send)) !== 'ok');
    }
  }

  #first(): number {
    return Math.floor(this.history.length / (AT_ONCE * USES)) * AT_ONCE
  }

  async #one(send: Send, { below, pick }: Random): Promise<void> {
    const first = Math.min(this.#first(), this.#lists - AT_ONCE)
    const a = below(AT_ONCE)
    // Another list than the first one.
    const b = (a + 1 + below(AT_ONCE - 1)) % AT_ONCE
    const kind = pick(this.#level === 'Ser' ? KINDS : KINDS.slice(0, -1))
    await this.#run(
      {
        kind,
        a: registerName(this.#level, first + a),
        b: registerName(this.#level, first + b),
        x: ++this.#counter.value,
        y: ++this.#counter.value,
      },
      send,
    )
  }

  async #run({ kind, a, b, x, y }: Asked, send: Send): Promise<Transaction['outcome']> {
    const path = `/api/actions/${kind}${this.#level}`
    const { appends, reads } = SHAPES[kind]
    const inputs = { a, b, ...(appends >= 1 ? { x } : {}), ...(appends === 2 ? { y } : {}) }
    const answer = kind === 'readBoth' ? await send('GET', `${path}?${new URLSearchParams({ a, b })}`) : await send('POST', path, inputs)
    const outcome = outcomeOf(answer)
    if (answer?.status === 409) this.conflicts++
    const shown: { readonly a?: string; readonly b?: string } = outcome === 'ok' && answer?.text ? JSON.parse(answer.text) : {}
    const second = kind === 'appendTwice' ? a : b
    this.history.push({
      outcome,
      operations: [
        ...(appends >= 1 ? [{ kind: 'append' as const, key: a, value: x }] : []),
        ...(appends === 2 ? [{ kind: 'append' as const, key: second, value: y }] : []),
        ...(reads.includes('a') && outcome === 'ok' ? [readOf(a, shown.a)] : []),
        ...(reads.includes('b') && outcome === 'ok' ? [readOf(b, shown.b)] : []),
      ],
    })
    return outcome
  }
}

interface Asked {
  readonly kind: keyof typeof SHAPES
  readonly a: string
  readonly b: string
  readonly x: number
  readonly y: number
}

/** How many values an action appends, and which lists it reads. */
const SHAPES = {
  appendBoth: { appends: 2, reads: '' },
  appendTwice: { appends: 2, reads: 'b' },
  appendAndRead: { appends: 1, reads: 'ab' },
  readBoth: { appends: 0, reads: 'ab' },
  mixed: { appends: 1, reads: 'ab' },
} as const satisfies Record<string, { readonly appends: 0 | 1 | 2; readonly reads: '' | 'b' | 'ab' }>

/** `mixed` is the last, because Read Committed cannot have it. */
const KINDS = ['appendBoth', 'appendTwice', 'appendAndRead', 'readBoth', 'mixed'] as const

/** A refusal has certainly changed nothing. A failure of the server or of the connection may come after the commit. */
function outcomeOf(answer: Awaited<ReturnType<Send>>): Transaction['outcome'] {
  if (answer === null || answer.status >= 500) return 'unknown'
  return answer.status < 300 ? 'ok' : 'failed'
}

function readOf(key: string, list = ''): Operation {
  return { kind: 'read', key, list: list.split(',').flatMap((value) => (value === '' ? [] : [Number(value)])) }
}
