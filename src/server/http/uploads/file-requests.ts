/** Tells requests with files from others, by their first line and their media type. */

import type { IncomingMessage } from 'node:http'
import { fileEndpoints } from '../../../compile/endpoints/file-endpoints.ts'
import { hasFiles } from '../../../model/files/file-fields.ts'
import type { Model } from '../../../model/model.ts'

/** Whether the body of a request is a file; null for a design without files. */
export function fileRequests(model: Model): ((request: IncomingMessage) => boolean) | null {
  if (!hasFiles(model)) return null
  const streamed = fileEndpoints(model).filter(({ endpoint }) => endpoint.body === 'stream')
  const paths = streamed.map(({ endpoint }) => endpoint.path.replaceAll(/[.~]/g, '\\$&').replaceAll(/:\w+/g, '[^/?]+'))
  const pattern = new RegExp(`^(?:${paths.join('|')})(?:\\?|$)`)
  return ({ method, url = '' }) => method === 'PUT' && pattern.test(url)
}
