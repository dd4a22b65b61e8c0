/** The functions with which code calls HTTP services. */

import type { ServiceAnswer, ServiceClient, ServiceMethod } from '../../design/authoring/behaviour-design.ts'
import type { HttpService } from '../../model/http/http-service.ts'
import type { OpenService } from './open-service.ts'
import { type CallableOperation, callableOperations } from './operations.ts'
import { readServiceRequest, type ServiceRequest } from './request.ts'
import type { ServiceRun, Services, ServicesOptions } from './services.ts'

/** Opens the services of a backend; null for a design without services. Before the first call, nothing is loaded and connected. */
export function openServices(options: ServicesOptions): Services | null {
  if (options.services.length === 0) return null
  const opened = new Map<string, Promise<OpenService>>()
  const operations = new Map(options.services.map(({ name, client }) => [name, callableOperations(client)]))
  const open = (service: HttpService): Promise<OpenService> => {
    const known = opened.get(service.name)
    if (known !== undefined) return known
    const opening = import('./open-service.ts').then(({ openService }) => openService(service, options))
    opened.set(service.name, opening)
    return opening
  }
  return {
    clientsFor: (run) =>
      Object.freeze(
        Object.fromEntries(
          options.services.map((service) => [
            service.name,
            clientOf({ name: service.name, operations: operations.get(service.name) ?? [] }, () => open(service), run),
          ]),
        ),
      ),
    async close() {
      for (const opening of opened.values()) await (await opening).close()
    },
  }
}

interface Client {
  readonly name: string
  readonly operations: readonly CallableOperation[]
}

/** The client of a service for one run of code. */
function clientOf({ name, operations }: Client, open: () => Promise<OpenService>, run: ServiceRun): ServiceClient {
  const of = `ctx.services.${name}`
  const send = async (read: () => ServiceRequest | Promise<ServiceRequest>): Promise<ServiceAnswer<unknown>> => {
    const refusal = run.refusal()
    if (refusal !== null) throw new Error(`${of}: ${refusal}`)
    const asked = await read()
    return (await open()).call(asked, run)
  }
  const request = (method: unknown, path: unknown, call: unknown): Promise<ServiceAnswer<unknown>> =>
    send(() => readServiceRequest(of, method, path, call))
  /** If the code does not wait for a call, its rejection is not unhandled: the call is aborted when the code ends. */
  const started = <T>(result: Promise<T>): Promise<T> => {
    result.catch(() => {})
    return result
  }
  const bodyOf = (method: ServiceMethod) => (path: string, call?: unknown) =>
    started(request(method, path, call).then(({ body }) => body)) as Promise<never>
  const named = operations.map((one) => [one.name, (call?: unknown) => started(send(() => one.request(of, call)).then(({ body }) => body))])
  return Object.freeze({
    ...(Object.fromEntries(named) as object),
    get: bodyOf('GET'),
    post: bodyOf('POST'),
    put: bodyOf('PUT'),
    patch: bodyOf('PATCH'),
    delete: bodyOf('DELETE'),
    request: (method: ServiceMethod, path: string, call?: unknown) => started(request(method, path, call)) as Promise<never>,
  })
}
