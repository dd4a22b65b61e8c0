/** What the plugin of `routes` finds in its part of the app: parsers of bodies, and a limit for them. */

import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { failure } from '../../base/failure.ts'
import type { RoutesOptions } from '../../design/authoring/context-types.ts'
import type { CodeRoutes } from '../../model/address/code-routes.ts'
import type { CodeTables } from '../code/database.ts'
import { parseBody } from '../http/body.ts'
import { FORM_BODY, type FormPairs, parseForm } from '../http/media/form.ts'
import { JSON_BODY } from '../http/media/json-body.ts'

/** Bytes of a body, unless a route says otherwise with `bodyLimit`. */
const BODY_BYTES = 1_048_576

/** The context of a request, for the handlers of the plugin. */
export type ContextOf = RoutesOptions<CodeTables, unknown, unknown>['context']

/**
 * Runs the plugin in its part of the app, which `prepareScope` has prepared. The plugin may be an async function, or call `done`.
 *
 * @throws what the plugin throws; Fastify itself would not catch an error that is thrown at once.
 */
export async function runPlugin(scope: FastifyInstance, { code }: CodeRoutes, context: ContextOf): Promise<void> {
  if (typeof code === 'string') return
  const plugin = code as unknown as (app: FastifyInstance, options: object, done?: (error?: unknown) => void) => unknown
  await scope.register(async (app) => {
    if (plugin.length < 3) return void (await plugin(app, { context }))
    return new Promise<void>((resolve, reject) => plugin(app, { context }, (error) => (error == null ? resolve() : reject(error))))
  })
}

/** Waits for room for a body that has been read. @throws Failure `overloaded` when there is none. */
export type AdmitBody = (request: FastifyRequest, bytes: number) => Promise<void>

/** Prepares the part of the app in which the plugin adds its routes. Bodies are parsed when `admit` has let them in. */
export function prepareScope(scope: FastifyInstance, admit: AdmitBody = async () => {}): void {
  scope.removeAllContentTypeParsers()
  const add = (type: string | RegExp, parse: (body: Buffer) => unknown): void => {
    scope.addContentTypeParser(type, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
      await admit(request, body.length)
      return parse(body)
    })
  }
  add(JSON_BODY, (body) => ownMembers(parseBody(body)))
  add(FORM_BODY, (body) => formObject(parseForm(body)))
  add('text/plain', (body) => body.toString())
  scope.addHook('onRoute', (route: RouteOptions) => {
    route.bodyLimit ??= BODY_BYTES
  })
}

/**
 * The same body. Code that copies a member `__proto__` would give the copy another prototype.
 *
 * @throws Failure `malformed_request` for such a member, at any depth.
 */
function ownMembers(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  if (Object.hasOwn(body, '__proto__')) throw failure('malformed_request', { what: 'the body has a member __proto__' })
  for (const value of Object.values(body)) ownMembers(value)
  return body
}

/** The values of a form by name; a list for a name that stands there several times. */
function formObject(pairs: FormPairs): Readonly<Record<string, string | readonly string[]>> {
  const values: Record<string, string | readonly string[]> = Object.create(null)
  for (const [name, value] of pairs) {
    const before = values[name]
    values[name] = before === undefined ? value : [before, value].flat()
  }
  return values
}
