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
}

/** Where a request has an input, if not at the usual place of its address. */
export interface InputPlaceOptions {
  readonly in?: 'query' | 'header' | 'body'
  /** The name of the query parameter, of the header, or of the member of the body; the name of the input unless given. */
  readonly name?: string
}

/** The ways into the backend that Plinth makes itself. */
export interface ServeDesign {
  /** The addresses of rows, actions and sign-in: as `/api/…`, under another first segment such as `/v2`, or none. */
  readonly rest?: boolean | string
  readonly graphql?: boolean
}
