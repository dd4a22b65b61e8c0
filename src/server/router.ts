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
  /** All parameters with their indexes, if there are others than these three; else null. */
  readonly others: readonly (readonly [name: string, index: number])[] | null
  readonly byMethod: ReadonlyMap<string, Route>
  readonly refusesOthers: boolean
}

/** Opens the router of these paths. */
export function openRouter(paths: readonly ServedPath[]): Router {
  const hasParameters = ({ url }: ServedPath) => url.replaceAll('::', '').includes(':')
  const mixed = paths.filter(({ url }) => isMixed(url)).map(({ url }) => mixedPattern(url))
  const fixed = textTable(paths.filter((path) => !hasParameters(path)).map((path) => [path.url, routesByMethod(path)]))
  const patterns = patternsByLength(paths.filter((path) => hasParameters(path) && !isMixed(path.url)).map(patternOf))
  return (method, url) => {
    const query = url.indexOf('?')
    const path = query < 0 ? url : url.slice(0, query)
    const byMethod = fixed(path)
    if (byMethod !== undefined) {
      const route = byMethod.get(method)
      return route === undefined ? null : { route, parameters: NO_PARAMETERS }
    }
    if (path.length > MAX_PATH || !PLAIN_PATH.test(path) || mixed.some((pattern) => pattern.test(path))) return null
    const segments = segmentsOf(path)
    return matchOf(patterns[segments.length] ?? [], method, segments)
  }
}

/** Whether a segment has a parameter and other signs, such as `:name(.+).json`. Fastify's router finds such a path. */
function isMixed(url: string): boolean {
  return url.includes('(.+)')
}

/** The paths that fit a mixed path. */
function mixedPattern(url: string): RegExp {
  const segments = url.split('/').map((segment) => (segment.includes(':') ? '[^/]+' : segment.replaceAll('.', '\\.')))
  return new RegExp(`^${segments.join('/')}$`)
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

function parametersOf({ path, id, action, others }: Pattern, segments: readonly string[]): PathParameters {
  if (others !== null) return Object.fromEntries(others.map(([name, index]) => [name, segments[index]]))
  return action < 0 ? { path: segments[path], id: segments[id] } : { path: segments[path], id: segments[id], action: segments[action] }
}

/** Whether a path fits a pattern of the same length. */
function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) if (!pattern[i]?.startsWith(':') && pattern[i] !== segments[i]) return false
  return true
}

function patternOf(path: ServedPath): Pattern {
  const segments = path.url.split('/')
  const { refusesOthers } = path
  const at = { path: segments.indexOf(':path'), id: segments.indexOf(':id'), action: segments.indexOf(':action') }
  const named = segments.flatMap((segment, i) => (segment.startsWith(':') ? [[segment.slice(1), i] as const] : []))
  const isUsual = named.every(([name]) => name === 'path' || name === 'id' || name === 'action')
  return { segments, ...at, others: isUsual ? null : named, byMethod: routesByMethod(path), refusesOthers }
}

/**
 * The patterns by their number of segments. As in Fastify, a segment of the path itself comes before a parameter. Patterns with different
 * first segments fit no path together, so those of rows stay in front of those of the design.
 */
function patternsByLength(patterns: readonly Pattern[]): readonly (readonly Pattern[])[] {
  const byLength: Pattern[][] = []
  const byFirst = Map.groupBy(patterns, ({ segments: [, first = ''] }) => (first.startsWith(':') ? ':' : first))
  const parameter = byFirst.get(':') ?? []
  byFirst.delete(':')
  for (const pattern of [...byFirst.values(), parameter].flatMap((group) => group.toSorted(bySegments))) {
    const { length } = pattern.segments
    while (byLength.length <= length) byLength.push([])
    byLength[length]?.push(pattern)
  }
  return byLength
}

/** Orders patterns by their first segment of which one is a parameter and the other is not. */
function bySegments(a: Pattern, b: Pattern): number {
  for (const [i, segment] of a.segments.entries()) {
    const [one, other] = [segment.startsWith(':'), b.segments[i]?.startsWith(':') ?? false]
    if (one !== other) return one ? 1 : -1
  }
  return 0
}

function routesByMethod({ routes }: ServedPath): ReadonlyMap<string, Route> {
  return new Map(
    routes.flatMap((route) => {
      const { method } = route.endpoint
      return (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((one) => [one, route] as const)
    }),
  )
}
