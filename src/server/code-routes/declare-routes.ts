/**
 * Calls the code of `routes` once, outside of a server, to see which routes it declares: for the OpenAPI document, for `plan`, and to
 * refuse addresses that belong to Plinth.
 */

import type { FastifyInstance, RouteOptions } from 'fastify'
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts'
import { unboundEndpoint } from '../../compile/endpoints/contract-endpoints.ts'
import { endpointsOf } from '../../compile/endpoints/endpoints.ts'
import { ownEndpoint } from '../../compile/endpoints/own-endpoints.ts'
import { reportOn } from '../../design/findings/report.ts'
import type { Source } from '../../design/findings/source.ts'
import type { CodeRoutes, DeclaredRoute } from '../../model/address/code-routes.ts'
import type { Model } from '../../model/model.ts'
import { declaredSchema } from './declared-schema.ts'
import { prepareScope, runPlugin } from './prepare-scope.ts'

/** A model whose routes have been called, and what is wrong with them. */
export interface DeclaredRoutes {
  /** Null when the routes cannot be served. */
  readonly model: Model | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Calls the code of `routes`, if the design has any. Never throws: what cannot be used is a finding. */
export async function declareRoutes(model: Model, source: Source): Promise<DeclaredRoutes> {
  const { routes } = model
  if (routes === null || typeof routes.code === 'string') return { model, diagnostics: [] }
  const report = reportOn(source)
  let declared: readonly DeclaredRoute[] = []
  try {
    declared = await callOnce(routes)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    report.add('PLN-D555', ['routes'], `the plugin failed: ${said}`, 'correct the plugin; it is called once when the design is read')
  }
  const own = ownPaths(model)
  for (const { path } of declared) {
    const taken = own.find((other) => overlap(path, other))
    if (taken !== undefined)
      report.add('PLN-D541', ['routes'], `the route ${path} answers requests of Plinth's address ${taken}`, 'choose another path')
  }
  return { model: hasErrors(report.list) ? null : { ...model, routes: { ...routes, declared } }, diagnostics: report.list }
}

/** Calls the plugin on an app that serves nothing. Its `onReady` hooks do not run, its `onClose` hooks do. */
async function callOnce(routes: CodeRoutes): Promise<readonly DeclaredRoute[]> {
  const { fastify } = await import('fastify')
  const app = fastify({ logger: false, exposeHeadRoutes: false })
  const found: DeclaredRoute[] = []
  app.register(async (scope) => {
    prepareScope(scope)
    scope.addHook('onRoute', function (this: FastifyInstance, route: RouteOptions) {
      const schema = declaredSchema(route.schema, this.getSchemas())
      found.push({ methods: [route.method].flat().map((method) => method.toUpperCase()), path: route.url, schema })
    })
    await runPlugin(scope, routes, refuseContext)
  })
  try {
    await app.after()
    return found
  } finally {
    await app.close()
  }
}

function refuseContext(): never {
  throw new Error('context(request) is for handlers: there is no request yet')
}

/** The paths of all endpoints of the backend. */
function ownPaths(model: Model): readonly string[] {
  const own = model.actions.filter(({ address }) => address.own).map((action) => ownEndpoint(action).path)
  const open = (model.contract?.operations ?? []).map((operation) => unboundEndpoint(operation)?.path ?? null)
  return [...endpointsOf(model).map(({ path }) => path), ...own, ...open.filter((path) => path !== null)]
}

/**
 * Whether a request could fit both paths. A path that ends with `*` overlaps nothing: the router prefers every path without it.
 */
function overlap(path: string, other: string): boolean {
  const [a, b] = [path.split('/'), other.split('/')]
  if (a.at(-1)?.endsWith('*') === true || a.length !== b.length) return false
  return a.every((segment, i) => segment === b[i] || isOpen(segment) || isOpen(b[i] ?? ''))
}

/** Whether a segment has a parameter. */
function isOpen(segment: string): boolean {
  return segment.replaceAll('::', '').includes(':')
}
