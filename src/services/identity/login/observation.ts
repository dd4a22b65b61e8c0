/** What an operator should hear of from sign-in. Holds ids and counts only: no password, no token, no login in clear. */

export type IdentityObservation =
  /** A refresh token that had already been replaced came back: stolen, or kept too long. The whole session is dead. */
  | { readonly kind: 'refresh-reused'; readonly sessionId: string; readonly userId: string; readonly generationsBehind: number }
  /** A login has used up its attempts and is locked for a while. `userId` is null when there is no such account. */
  | { readonly kind: 'login-locked'; readonly userId: string | null }
  /** A stored password was hashed anew because the parameters have risen. */
  | { readonly kind: 'password-rehashed'; readonly userId: string }
  /** A stored password is not an argon2id hash, so its owner cannot log in. */
  | { readonly kind: 'password-unreadable'; readonly userId: string }
