/** The routes of a backend, path by path, and how a request is answered at one of them. */

import type { ServerResponse } from 'node:http'
import { type MaybePromise, whenReady } from '../base/waiting/when-ready.ts'
import { methodsOf, servedPath } from '../compile/endpoints/endpoints.ts'
import { BULK_PATH } from '../compile/endpoints/row-endpoints.ts'
import type { Model } from '../model/model.ts'
import { requireAcceptable } from './http/accept.ts'
import type { Answer } from './http/answer.ts'
import type { LargeBodies } from './http/large-bodies.ts'
import type { HttpRequest } from './http/request.ts'
import type { Addresses, Route } from './http/route.ts'
import type { LargeAnswers } from './run/large-answers.ts'

/** A path, in Fastify's notation, with everything that it answers. */
export interface ServedPath {
  readonly url: string
  readonly routes: readonly Route[]
  /** The methods that it answers: HEAD where GET is, and OPTIONS. */
  readonly allow: readonly string[]
  /** Whether it refuses the other methods. At the path of bulk creates they belong to the row whose id is `bulk`. */
  readonly refusesOthers: boolean
  readonly addresses: Addresses | null
}

/** Groups routes by path. */
export function pathsOf(model: Model, routes: readonly Route[]): readonly ServedPath[] {
  const bulkPath = servedPath(model, BULK_PATH)
  return [...Map.groupBy(routes, ({ endpoint }) => endpoint.path)].map(([url, atPath]) => ({
    url,
    routes: atPath,
    allow: methodsOf(atPath.map(({ endpoint }) => endpoint)),
    refusesOthers: url !== bulkPath,
    addresses: atPath[0]?.addresses ?? null,
  }))
}

/** The limits on what is handled at the same time. */
export interface SizeLimits {
  readonly largeBodies: LargeBodies
  readonly largeAnswers: LargeAnswers
}

/** Answers a request whose body has been read. @throws Failure when the request is refused or fails, at once or as a rejection. */
export function carryOut(
  { endpoint, handler }: Route,
  { largeBodies, largeAnswers }: SizeLimits,
  { request, response }: { readonly request: HttpRequest; readonly response: ServerResponse },
): MaybePromise<Answer> {
  requireAcceptable(endpoint.answers, request.headers.accept)
  const answered = largeBodies.admit(request.body?.length ?? 0, () => handler(request))
  return whenReady(answered, (answer) => {
    largeAnswers.hold(answer.body?.length ?? 0, request, response)
    return answer
  })
}
