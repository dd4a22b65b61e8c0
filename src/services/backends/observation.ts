/** What the check of other backends' tokens reports to operators: no token, no address. */

/** An observation about another backend. `keys`: how many of its keys are known. */
export type BackendObservation =
  | { readonly kind: 'keys'; readonly backend: string; readonly keys: number }
  /** Its keys could not be loaded, and those that are known stay valid for some time; or it publishes none, and none is valid. */
  | { readonly kind: 'no-keys'; readonly backend: string; readonly keys: number; readonly note: string }
