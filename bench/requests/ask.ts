/** Sends single requests, for checks. */

import type { Request } from './request.ts'

/** A status and a parsed body. */
export interface Answered {
  readonly status: number
  readonly json: Json
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into
export type Json = any

/** Sends a request to a port of this machine. A body that is not JSON reads as null. */
export async function ask(port: number, { method, path, token, body }: Request): Promise<Answered> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === null ? {} : { 'content-type': 'application/json' }),
    },
    body,
  })
  const text = await response.text()
  try {
    return { status: response.status, json: JSON.parse(text) }
  } catch {
    return { status: response.status, json: null }
  }
}
