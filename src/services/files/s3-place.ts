/** Where files are in an S3-compatible storage, and what its settings say. */

import { EnvironmentError } from '../../base/environment-error.ts'

/** The settings of an S3-compatible storage beside its bucket. */
export interface S3Settings {
  /** The address of the server; null for that of AWS in the region. */
  readonly endpoint: string | null
  /** Null for `us-east-1` with an endpoint, which most other servers than AWS take. */
  readonly region: string | null
  readonly accessKey: string | null
  readonly secretKey: string | null
  /** Whether the bucket is in the path of an address (`on`) or in its host (`off`); null: in the path with an endpoint. */
  readonly pathStyle: string | null
}

/** How errors name the settings. */
export type S3Names = Readonly<Record<keyof S3Settings | 'files', string>>

/** A bucket, and everything that requests to it need. */
export interface S3Place {
  readonly bucket: string
  /** What all names of objects begin with; empty, or with a slash at the end. */
  readonly prefix: string
  readonly endpoint: string | null
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
  readonly pathStyle: boolean
  readonly named: S3Names
}

/** No setting of S3. */
export const NO_S3: S3Settings = { endpoint: null, region: null, accessKey: null, secretKey: null, pathStyle: null }

const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./!*'()-]{0,200}))?$/

/** Whether a value of the setting names a bucket. */
export function isS3(text: string): boolean {
  return /^s3:/i.test(text)
}

/** The problem of an address of a bucket, as the end of a sentence that begins with the name of the setting; null for a valid one. */
export function bucketProblem(text: string): string | null {
  return ADDRESS.test(text) && !/\/\/|\/\.\.?(?:\/|$)/.test(text.slice(5)) ? null : 'is not an address such as s3://bucket/prefix'
}

/** The problem of the address of a server; null for a valid one. */
export function endpointProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'is not an address such as https://s3.example.com'
  const { protocol, username, password, search, hash } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return 'does not begin with https:// or http://'
  return `${username}${password}${search}${hash}` === '' ? null : 'has more than a scheme, a host, a port and a path'
}

/** The problem of a region; null for a valid one. */
export function regionProblem(text: string): string | null {
  return /^[a-z0-9-]{1,40}$/.test(text) ? null : 'is not a region such as eu-central-1'
}

/** The problem of `on` or `off`; null for one of them. */
export function switchProblem(text: string): string | null {
  return text === 'on' || text === 'off' ? null : 'is not on or off'
}

/**
 * Reads the address of a bucket and its settings.
 *
 * @throws EnvironmentError that names every setting that is missing or wrong, and never a value.
 */
export function s3PlaceOf(files: string, settings: S3Settings, named: S3Names): S3Place {
  const { endpoint, region, accessKey, secretKey, pathStyle } = settings
  const wrong: readonly (string | null)[] = [
    problem(named.files, bucketProblem(files)),
    endpoint === null ? null : problem(named.endpoint, endpointProblem(endpoint)),
    region === null ? null : problem(named.region, regionProblem(region)),
    pathStyle === null ? null : problem(named.pathStyle, switchProblem(pathStyle)),
    accessKey === null ? problem(named.accessKey, 'is not set') : null,
    secretKey === null ? problem(named.secretKey, 'is not set') : null,
    endpoint === null && region === null ? problem(named.region, 'is not set') : null,
  ]
  const problems = wrong.filter((one) => one !== null)
  if (problems.length > 0 || accessKey === null || secretKey === null)
    throw new EnvironmentError(
      problems.join('\n'),
      `${named.files} is a bucket of S3: set ${named.accessKey}, ${named.secretKey} and ${named.region}, and ${named.endpoint} for a server other than AWS`,
    )
  const [, bucket = '', folder = ''] = ADDRESS.exec(files) ?? []
  return {
    ...{ bucket, prefix: folder === '' || folder.endsWith('/') ? folder : `${folder}/` },
    ...{ endpoint, region: region ?? 'us-east-1', accessKey, secretKey, named },
    pathStyle: pathStyle === null ? endpoint !== null : pathStyle === 'on',
  }
}

function problem(name: string, what: string | null): string | null {
  return what === null ? null : `${name} ${what}`
}
