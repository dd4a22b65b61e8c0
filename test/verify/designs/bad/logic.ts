/** The code of a design with defects. */

import { setTimeout as wait } from 'node:timers/promises'

interface Tables {
  readonly Story: { list(options: object): Promise<readonly { readonly author: string }[]> }
  readonly Member: { get(id: string): Promise<{ readonly id: string } | null> }
}

/** Waits for nothing, in the transaction of each create. */
export async function pause(): Promise<void> {
  await wait(150)
}

/** Reads the authors one by one. */
export async function digest({ db }: { readonly db: Tables }): Promise<{ readonly authors: number }> {
  const authors = new Set<string>()
  for (const { author } of await db.Story.list({ limit: 100 })) {
    const member = await db.Member.get(author)
    if (member !== null) authors.add(member.id)
  }
  return { authors: authors.size }
}

interface Confirming {
  readonly input: { readonly password: string }
  readonly log: { info(message: string, fields: object): void }
}

/** Logs the password that a caller has sent. */
export function confirm({ input, log }: Confirming): void {
  log.info('confirmed', { ...input })
}

/** No part of the design names it. */
export function forgotten(): void {}
