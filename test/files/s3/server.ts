/**
 * A small S3 server for tests: the requests that a storage of files sends, with signatures checked and the limits of S3. It keeps one body
 * of a request in memory, and objects in a folder.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { type Objects, openObjects } from './objects.ts'
import { refusalOf, sha256 } from './signature.ts'

export const BUCKET = 'plinth-tests'

/** A server that runs. */
export interface S3Server {
  readonly url: string
  readonly objects: Objects
  /** Answers all requests with this code and 503 from now on, until it is null. */
  fail(code: string | null): void
  /** Methods and addresses of the requests so far. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** Starts a server whose objects are in a folder. */
export async function startS3(folder: string, port = 0): Promise<S3Server> {
  const objects = await openObjects(folder)
  const requests: string[] = []
  let failing: string | null = null
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    answer(objects, { request, response, failing }).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 500, String(error))
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    fail(code) {
      failing = code
    },
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly failing: string | null
}

async function answer(objects: Objects, { request, response, failing }: Exchange): Promise<void> {
  const body = await bodyOf(request)
  const refused = refusalOf(request, sha256(body))
  if (refused !== null) return refuse(response, 403, refused)
  if (failing !== null) return refuse(response, 503, failing)
  const url = new URL(request.url ?? '', 'http://s3')
  const [, bucket = '', ...rest] = url.pathname.split('/')
  if (bucket !== BUCKET) return refuse(response, 404, 'NoSuchBucket')
  const key = rest.map(decodeURIComponent).join('/')
  const has = (name: string): boolean => url.searchParams.has(name)
  const get = (name: string): string => url.searchParams.get(name) ?? ''
  const upload = { key, id: get('uploadId') }
  const operation = `${request.method} ${key === '' ? 'bucket' : 'object'}${has('uploads') ? ' uploads' : ''}${has('uploadId') ? ' upload' : ''}`
  switch (operation) {
    case 'PUT object':
      return tagged(response, await objects.put(key, body))
    case 'POST object uploads':
      return xml(
        response,
        `<InitiateMultipartUploadResult><UploadId>${await objects.begin(key)}</UploadId></InitiateMultipartUploadResult>`,
      )
    case 'PUT object upload':
      return tagged(response, await objects.part(upload, { number: Number(get('partNumber')), bytes: body }))
    case 'POST object upload': {
      const done = await objects.complete(upload, partsIn(body.toString()))
      return done.startsWith('"')
        ? xml(response, '<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>')
        : refuse(response, done === 'NoSuchUpload' ? 404 : 400, done)
    }
    case 'DELETE object upload':
      return (await objects.abort(upload)) ? void response.writeHead(204).end() : refuse(response, 404, 'NoSuchUpload')
    case 'DELETE object':
      await objects.delete(key)
      return void response.writeHead(204).end()
    case 'GET object':
      return sendObject(objects, key, { request, response })
    case 'GET bucket uploads': {
      const found = objects.uploads(get('prefix')).map((one) => `<Upload><Key>${one.key}</Key><UploadId>${one.id}</UploadId></Upload>`)
      return xml(response, `<ListMultipartUploadsResult>${found.join('')}</ListMultipartUploadsResult>`)
    }
    case 'GET bucket': {
      const found = (await objects.list(get('prefix'))).map((name) => `<Contents><Key>${name}</Key></Contents>`)
      return xml(response, `<ListBucketResult>${found.join('')}</ListBucketResult>`)
    }
    default:
      return refuse(response, 501, 'NotImplemented')
  }
}

async function sendObject(objects: Objects, key: string, { request, response }: Omit<Exchange, 'failing'>): Promise<void> {
  const size = await objects.size(key)
  if (size === null) return refuse(response, 404, 'NoSuchKey')
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  const start = range === null ? 0 : Number(range[1])
  const end = range === null ? size - 1 : Math.min(Number(range[2]), size - 1)
  if (start >= size) return refuse(response, 416, 'InvalidRange')
  const part = range === null ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }
  response.writeHead(range === null ? 200 : 206, { 'content-length': end - start + 1, ...part })
  await pipeline(objects.read(key, { start, end }), response)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function partsIn(text: string) {
  return [...text.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    tag: (/<ETag>(.*?)<\/ETag>/.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
  }))
}

function tagged(response: ServerResponse, tag: string): void {
  if (tag.startsWith('"')) response.writeHead(200, { etag: tag }).end()
  else refuse(response, 404, tag)
}

function xml(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${text}`)
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>refused</Message></Error>`)
}
