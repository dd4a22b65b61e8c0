/**
 * Files in an S3-compatible storage: an object for each form of a key, `prefix/KEY/FORM`. S3 stores an object as a whole or not at all, so
 * a name is either complete or not there.
 */

import { randomBytes } from 'node:crypto'
import { EnvironmentError } from '../../base/environment-error.ts'
import { openS3Calls, type S3Calls, s3ErrorName } from './s3-calls.ts'
import type { S3Names, S3Place } from './s3-place.ts'
import { writeObject } from './s3-write.ts'
import { type FileStorage, requireName, StorageError, type StoredName } from './storage.ts'

/** Looks for objects of a key that is removed. Some servers list them for a while afterwards, so a later call removes the rest. */
const MOST_LOOKS = 5

/** Opens the storage in a bucket. Sends nothing before `check`. */
export async function openS3Storage(place: S3Place): Promise<FileStorage> {
  const calls = await openS3Calls(place)
  const under = (key: string): string => `${place.prefix}${key}/`
  const nameOf = (name: StoredName): string => {
    requireName(name)
    return `${under(name.key)}${name.form}`
  }
  return {
    write: (name, source) => writeObject(calls, nameOf(name), source),
    read: (name, range) => calls.get(nameOf(name), range),
    async remove(key) {
      const file = nameOf({ key, form: 'file' })
      for (const upload of await calls.uploads(file)) await calls.abort(file, upload)
      for (let looks = 0; looks < MOST_LOOKS; looks++) {
        const names = await calls.list(under(key))
        if (names.length === 0) return
        for (const name of names) await calls.delete(name)
      }
      throw new StorageError('s3: objects are still listed after they were removed')
    },
    check: () => probe(calls, place),
    close: calls.close,
  }
}

/** Does once what the storage does later. @throws EnvironmentError that says what to do. */
async function probe(calls: S3Calls, { bucket, prefix, named }: S3Place): Promise<void> {
  const name = `${prefix}.probe-${randomBytes(8).toString('hex')}`
  try {
    await calls.put(name, Buffer.from('probe'))
    ;(await calls.get(name, { first: 0, last: 0 }))?.resume()
    await calls.list(name)
    await calls.uploads(name)
    await calls.delete(name)
  } catch (cause) {
    const what = s3ErrorName(cause)
    throw new EnvironmentError(`files cannot be stored in s3://${bucket}/${prefix} (${what})`, hintOf(what, named), { cause })
  }
}

function hintOf(what: string, named: S3Names): string {
  switch (what) {
    case 'NoSuchBucket':
      return `make the bucket, or correct ${named.files}`
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
    case 'InvalidSignature':
      return `correct ${named.accessKey} and ${named.secretKey}`
    case 'AccessDenied':
    case 'Forbidden':
      return (
        'the keys need s3:PutObject, s3:GetObject, s3:DeleteObject and s3:AbortMultipartUpload for the objects, ' +
        'and s3:ListBucket and s3:ListBucketMultipartUploads for the bucket'
      )
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
      return `correct ${named.region}`
    case 'RequestTimeTooSkewed':
      return 'set the clock of this machine'
    case 'NotImplemented':
      return 'take a server that has ranges, multipart uploads and their list (ListMultipartUploads); parts of broken uploads would stay without it'
    default:
      return `correct ${named.endpoint} and ${named.region}, and see whether this machine reaches the server`
  }
}
