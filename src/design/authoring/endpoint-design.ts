/** The types of a design's addresses: those of actions, and those that Plinth makes itself. */

/** An address of an action with its options. */
export interface EndpointDesign {
  /** Method and path, such as `POST /articles`. */
  readonly at: string
  /** The member of the JSON body that contains the inputs. */
  readonly body?: string
  /** The status of a success. */
  readonly status?: number
  /** Where a success leads in place of an answer, such as `/users/{id}`. */
  readonly redirect?: string
  /** The media type of the answer. */
  readonly type?: 'json' | 'csv' | 'html'
  /** The media type of the body of a request. */
  readonly accepts?: 'json' | 'form'
  /** Only requests with a signature of another system are accepted, each message once. */
  readonly signed?: SignedDesign
}

/** How requests are signed: per Standard Webhooks, or with `header` by an HMAC. */
export interface SignedDesign {
  /** Name of the environment variable that holds the secret of the sender; during a rotation both, with a space between them. */
  readonly secret: string
  /** How far the time of a message may be from now: `5m` unless given, `1h` at most. */
  readonly tolerance?: string
  /** The header with the HMAC, or a pair in it: `Stripe-Signature.v1`. */
  readonly header?: string
  readonly algorithm?: 'sha256' | 'sha512'
  readonly encoding?: 'hex' | 'base64'
  /** What stands before the HMAC in its header: `sha256=`. */
  readonly prefix?: string
  /** What tells whether messages are the same: `body` unless given, a member of it such as `body.id`, or a header. */
  readonly id?: string
  /** The header, or the pair in it, with the time of a message, in seconds since 1970. */
  readonly timestamp?: string
  /** What is signed: `{body}` unless given, or with `timestamp` `{timestamp}.{body}`. `{id}` is the value of the header `id`. */
  readonly content?: string
}

/** Where a request has an input, if not at the usual place of its address. */
export interface InputPlaceOptions {
  readonly in?: 'query' | 'header' | 'body'
  /** The name of the query parameter, of the header, or of the member of the body; the name of the input unless given. */
  readonly name?: string
  /** The member of the JSON body that contains the input; that of the endpoint unless given. */
  readonly inside?: string
}

/** The ways into the backend that Plinth makes itself. */
export interface ServeDesign {
  /** The addresses of rows, actions and sign-in: as `/api/…`, under another first segment such as `/v2`, or none. */
  readonly rest?: boolean | string
  readonly graphql?: boolean
}
