/** Requests to an S3-compatible storage: each has a limit of time, and its errors are those of storages. */

import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { freeChunk } from '../../base/bytes/free-chunk.ts'
import type { S3Place } from './s3-place.ts'
import { type ByteRange, StorageError } from './storage.ts'

/** Milliseconds for a request, without the body of its answer; for a part of a file; and to connect. */
const CALL_MS = 20_000
const PART_MS = 120_000
const CONNECT_MS = 5_000
/** Connections at once: of downloads, each of which has one for as long as its client reads, and of all other requests. */
const SOCKETS = 1_024
/** Times that a request is sent when the server is busy or the connection breaks. */
const ATTEMPTS = 3

/** A part of an object that is sent in parts. */
export interface SentPart {
  readonly number: number
  readonly tag: string
}

/** The requests of a storage. Names of objects are without the bucket. Each throws StorageError. */
export interface S3Calls {
  readonly put: (name: string, bytes: Buffer) => Promise<void>
  /** The bytes of an object, or null when there is none. */
  readonly get: (name: string, range: ByteRange | null) => Promise<Readable | null>
  readonly delete: (name: string) => Promise<void>
  /** At most 1,000 names that begin with a text. */
  readonly list: (prefix: string) => Promise<readonly string[]>
  /** Begins an object in parts. @returns the id of its upload. */
  readonly begin: (name: string) => Promise<string>
  readonly sendPart: (name: string, upload: string, part: { readonly number: number; readonly bytes: Buffer }) => Promise<SentPart>
  readonly complete: (name: string, upload: string, parts: readonly SentPart[]) => Promise<void>
  readonly abort: (name: string, upload: string) => Promise<void>
  /** The ids of the uploads of an object that have begun and not ended. */
  readonly uploads: (name: string) => Promise<readonly string[]>
  readonly close: () => void
}

/** Opens the requests to a bucket. The package is loaded here, so a backend that stores files on the disk does not load it. */
export async function openS3Calls(place: S3Place): Promise<S3Calls> {
  const s3 = await import('@aws-sdk/client-s3')
  const { bucket: Bucket, endpoint, region, accessKey, secretKey, pathStyle } = place
  const agent = { keepAlive: true, maxSockets: SOCKETS }
  // Every choice is made here, so that no file or variable of the machine, which the package reads too, changes it.
  const config: S3ClientConfig = {
    ...{ region, credentials: { accessKeyId: accessKey, secretAccessKey: secretKey }, forcePathStyle: pathStyle },
    ...(endpoint === null ? {} : { endpoint }),
    ...{ maxAttempts: ATTEMPTS, retryMode: 'standard', defaultsMode: 'standard' },
    ...{ useDualstackEndpoint: false, useFipsEndpoint: false, useArnRegion: false, useAccelerateEndpoint: false },
    ...{ disableS3ExpressSessionAuth: true, disableMultiregionAccessPoints: true, userAgentAppId: 'plinth' },
    // The signature covers a hash of each body. Older servers do not know further checksums.
    ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
    requestHandler: { connectionTimeout: CONNECT_MS, httpAgent: agent, httpsAgent: agent },
  }
  // Each client has connections of its own, so clients that read slowly hold up neither uploads nor the sweep.
  const [client, downloads] = [new s3.S3Client(config), new s3.S3Client(config)]
  return {
    async put(Key, Body) {
      await call((signal) => client.send(new s3.PutObjectCommand({ Bucket, Key, Body }), signal))
    },
    async get(Key, range) {
      const Range = range === null ? undefined : `bytes=${range.first}-${range.last}`
      const found = await call((signal) =>
        downloads.send(new s3.GetObjectCommand({ Bucket, Key, Range }), signal).catch((error: unknown) => {
          if (error instanceof Error && error.name === 'NoSuchKey') return null
          throw error
        }),
      )
      if (found === null) return null
      const body = found.Body as Readable
      freeReads(body)
      return body
    },
    async delete(Key) {
      await call((signal) => client.send(new s3.DeleteObjectCommand({ Bucket, Key }), signal))
    },
    async list(Prefix) {
      const { Contents = [] } = await call((signal) => client.send(new s3.ListObjectsV2Command({ Bucket, Prefix }), signal))
      return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]))
    },
    async begin(Key) {
      const { UploadId } = await call((signal) => client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key }), signal))
      if (UploadId === undefined) throw new StorageError('s3: an upload has no id')
      return UploadId
    },
    async sendPart(Key, UploadId, { number, bytes }) {
      const command = new s3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: number, Body: bytes })
      const { ETag } = await call((signal) => client.send(command, signal), PART_MS)
      if (ETag === undefined) throw new StorageError('s3: a part has no ETag')
      return { number, tag: ETag }
    },
    async complete(Key, UploadId, parts) {
      const Parts = parts.map(({ number, tag }) => ({ PartNumber: number, ETag: tag }))
      const command = new s3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } })
      await call((signal) => client.send(command, signal), PART_MS)
    },
    async abort(Key, UploadId) {
      const command = new s3.AbortMultipartUploadCommand({ Bucket, Key, UploadId })
      await call((signal) => client.send(command, signal)).catch((error: unknown) => {
        if (s3ErrorName(error) !== 'NoSuchUpload') throw error
      })
    },
    async uploads(name) {
      // Some servers accept only the whole name of an object here, and no prefix.
      const command = new s3.ListMultipartUploadsCommand({ Bucket, Prefix: name })
      const { Uploads = [] } = await call((signal) => client.send(command, signal))
      return Uploads.flatMap(({ Key, UploadId }) => (Key === name && UploadId !== undefined ? [UploadId] : []))
    },
    close() {
      client.destroy()
      downloads.destroy()
    },
  }
}

/** Gives a request a limit of time, which does not apply to the body of its answer. @throws StorageError for any error. */
async function call<T>(send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>, withinMs = CALL_MS): Promise<T> {
  const control = new AbortController()
  const timer = setTimeout(() => control.abort(), withinMs)
  try {
    return await send({ abortSignal: control.signal })
  } catch (cause) {
    throw storageError(cause)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Frees each read of the connection of an answer. Node's parser copies the body out of a read at once, so nothing uses it after the
 * listeners of Node, which come before this one. The connection is left alone when the answer has ended, because the next request uses it.
 */
function freeReads(answer: Readable): void {
  if (!(answer instanceof IncomingMessage)) return
  const { socket } = answer
  const leave = (): void => {
    socket.off('data', freeChunk)
  }
  socket.on('data', freeChunk)
  answer.once('end', leave).once('close', leave)
}

/** The names of errors of servers without space. */
const FULL: ReadonlySet<string> = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded'])

/** The message is for the log. It has what the server says, and neither keys nor signatures. */
function storageError(cause: unknown): StorageError {
  const { message } = cause as Error
  const name = s3ErrorName(cause)
  return new StorageError(`s3: ${name} ${message}`.slice(0, 500), { cause, full: FULL.has(name) })
}

/** The name that the server or the network gives an error: `NoSuchBucket`, `ECONNREFUSED`. */
export function s3ErrorName(error: unknown): string {
  const { name, code, cause } = error as NodeJS.ErrnoException & { readonly cause?: unknown }
  if (error instanceof StorageError && cause !== undefined) return s3ErrorName(cause)
  return code ?? name ?? 'Error'
}
