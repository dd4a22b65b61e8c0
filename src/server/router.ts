/**
 * Finds the route of a request by its path. It knows paths that need no decoding: letters, digits and `. _ ~ -` in segments that are not
 * empty. Every other request belongs to Fastify's router.
 */

import { textTable } from '../base/texts/text-hash.ts'
import type { PathParameters } from './http/request.ts'
import type { Route } from './http/route.ts'
import type { ServedPath } from './paths.ts'

/** A route with the parameters of the path. */
export interface Match {
  readonly route: Route
  readonly parameters: PathParameters
}

/** Finds the route of a request; null when Fastify has to answer it. @param url path and query, as the request line has them */
export type Router = (method: string, url: string) => Match | null

const NO_PARAMETERS: PathParameters = {}

const PLAIN_PATH = /^(?:\/[\w.~-]+)+$/

/** The maximum length of a path in characters. Fastify refuses longer parameters. */
const MAX_PATH = 500

/** A path with parameters. The indexes are those of its segments; -1 for none. */
interface Pattern {
  readonly segments: readonly string[]
  readonly path: number
  readonly id: number
  readonly action: number
  readonly byMethod: ReadonlyMap<string, Route>
  readonly refusesOthers: boolean
}

/** Opens the router of these paths. */
export function openRouter(paths: readonly ServedPath[]): Router {
  const hasParameters = ({ url }: ServedPath) => url.includes(':')
  const fixed = textTable(paths.filter((path) => !hasParameters(path)).map((path) => [path.url, routesByMethod(path)]))
  // As in Fastify, a segment of the path itself comes before a parameter.
  const patterns = paths.filter(hasParameters).map(patternOf).toSorted(byParameters)
  return (method, url) => {
    const query = url.indexOf('?')
    const path = query < 0 ? url : url.slice(0, query)
    const byMethod = fixed(path)
    if (byMethod !== undefined) {
      const route = byMethod.get(method)
      return route === undefined ? null : { route, parameters: NO_PARAMETERS }
    }
    if (path.length > MAX_PATH || !PLAIN_PATH.test(path)) return null
    return matchOf(patterns, method, segmentsOf(path))
  }
}

/** The same as `path.split('/')`, which V8 remembers in a table, for the case that the path comes again. */
function segmentsOf(path: string): readonly string[] {
  const segments: string[] = []
  let start = 0
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', start)) {
    segments.push(path.slice(start, end))
    start = end + 1
  }
  segments.push(path.slice(start))
  return segments
}

function matchOf(patterns: readonly Pattern[], method: string, segments: readonly string[]): Match | null {
  for (const pattern of patterns) {
    if (!fits(pattern.segments, segments)) continue
    const route = pattern.byMethod.get(method)
    if (route !== undefined) return { route, parameters: parametersOf(pattern, segments) }
    if (pattern.refusesOthers) return null
  }
  return null
}

function parametersOf({ path, id, action }: Pattern, segments: readonly string[]): PathParameters {
  return action < 0 ? { path: segments[path], id: segments[id] } : { path: segments[path], id: segments[id], action: segments[action] }
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false
  for (let i = 0; i < pattern.length; i++) if (!pattern[i]?.startsWith(':') && pattern[i] !== segments[i]) return false
  return true
}

function patternOf(path: ServedPath): Pattern {
  const segments = path.url.split('/')
  const { refusesOthers } = path
  const at = { path: segments.indexOf(':path'), id: segments.indexOf(':id'), action: segments.indexOf(':action') }
  return { segments, ...at, byMethod: routesByMethod(path), refusesOthers }
}

function byParameters(a: Pattern, b: Pattern): number {
  const count = ({ path, id, action }: Pattern) => Number(path >= 0) + Number(id >= 0) + Number(action >= 0)
  return count(a) - count(b)
}

function routesByMethod({ routes }: ServedPath): ReadonlyMap<string, Route> {
  return new Map(
    routes.flatMap((route) => {
      const { method } = route.endpoint
      return (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((one) => [one, route] as const)
    }),
  )
}
